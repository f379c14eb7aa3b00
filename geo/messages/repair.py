"""Sentences about proposals for mending findings."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "proposal-line": (
        "方案 {rank}：{shares}；边界最多移动 {distance_m} 米",
        "proposal {rank}: {shares}; borders move by at most {distance_m} m",
    ),
    "proposal-gain": ("{code} 增加 {area_m2} 平方米", "{code} gains {area_m2} m²"),
    "proposal-loss": ("{code} 减少 {area_m2} 平方米", "{code} loses {area_m2} m²"),
    "proposal-noded": ("只补齐 {count} 个辖区的边界节点", "only nodes are put on the borders of {count} areas"),
    "proposals-clash": (
        "这些方案不能一起应用，问题出在 {code}：同一问题选了两个方案，或合在一起会使它消失、断开、图形无效，"
        "或它的边界已经改变。"
        "每个问题只选一个方案，并按当前边界重新生成方案",
        "these proposals cannot be applied together, because of {code}: two of them settle one finding, or it would "
        "vanish, fall to pieces or become invalid, or its boundary has changed. Choose one for each finding, and make "
        "the proposals again for the present boundaries",
    ),
    "offered-line": (
        "调整方案 {count} 个，可解决 {findings} 处问题中的 {settled} 处；每处列出首选方案",
        "proposals: {count}, for {settled} of {findings} findings; the best for each",
    ),
    "offered-together": ("{finding}（及另外 {count} 处）", "{finding} (and {count} more)"),
    "more-offered": (
        "另有 {count} 处未列出，用 --format json 或 --propose 的文件看全部",
        "{count} more are not listed; --format json and the file of --propose have all",
    ),
    "not-offered": (
        "有 {count} 处没有方案（{ids}）：附近有无效图形或重复编码，或任何方案都会使某个辖区断开或消失，请人工处理",
        "{count} have no proposal ({ids}): a boundary nearby is invalid or a code stands twice, or every way would "
        "split or swallow an area; mend these by hand",
    ),
    "slivers-settled": (
        "碎屑 {slivers} 处，已消除 {settled} 处：改动辖区 {areas} 个，转移 {moved_m2} 平方米，"
        "边界最多移动 {distance_m} 米",
        "slivers: {settled} of {slivers} settled; {areas} areas changed, {moved_m2} m² changed hands, borders moved by "
        "at most {distance_m} m",
    ),
    "parents-noded": ("{count} 个上级的边界补了节点", "{count} parents received nodes"),
    "copy-has-left": (
        "副本中还有问题 {count} 处，其中碎屑 {slivers} 处",
        "findings left in the copy: {count}, {slivers} of which are slivers",
    ),
    "copy-has-none": ("副本中没有问题", "no findings left in the copy"),
    "output-is-input": (
        "“{name}”正是要读取的文件，不能覆盖；请写到别的文件",
        "“{name}” is a file that is read: it is not written over. Name another file",
    ),
    "output-twice": ("“{name}”被指定了两次；请写到不同的文件", "“{name}” is named twice: name different files"),
    "proposals-need-gpkg": (
        "方案写成 GeoPackage，请用扩展名 .gpkg，例如 --propose {example}",
        "proposals are written as a GeoPackage: use the extension .gpkg, such as --propose {example}",
    ),
    "file-changed": (
        "“{name}”在检查期间被改动，没有写副本；请重新运行",
        "“{name}” changed while it was checked, so no copy was written; run the command again",
    ),
}
