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
}
