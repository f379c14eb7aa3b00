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
        "这些方案合在一起会使 {code} 消失、断开或图形无效：每个问题只选一个方案，并用当前边界重新生成方案后再应用",
        "together these proposals would make {code} vanish, fall to pieces or become invalid: choose one for each "
        "finding, make the proposals again for the present boundaries, then apply them",
    ),
}
