"""Sentences of the room: coverage checks and findings."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "not-on-lattice": (
        "辖区 {code} 的坐标不在 1e-7 度的格点上；请先匹配并取整，再作为入库数据检查。",
        "Area {code} has coordinates off the lattice of 1e-7 degree; match and snap it first, "
        "then check it as stored data.",
    ),
    "finding-line": (
        "{named}：{codes}，面积 {area_m2} 平方米，宽 {width_m} 米",
        "{named}: {codes}, {area_m2} m², {width_m} m wide",
    ),
    "finding-invalid-geometry": ("边界图形无效（{detail}）", "invalid boundary ({detail})"),
    "finding-overlap": ("重叠", "overlap"),
    "finding-gap": ("空白", "gap"),
    "finding-outside-parent": ("超出上级边界", "outside its parent"),
    "finding-unmatched-edge": ("相邻边界的节点不一致", "neighbours follow one line with different vertices"),
    "finding-duplicate": ("重复（{detail}）", "duplicate ({detail})"),
    "finding-orphan": ("没有上级或上级不符（{detail}）", "no parent, or the wrong one ({detail})"),
    "finding-multipart": ("飞地：由 {detail} 块组成", "in several pieces: {detail}"),
    "finding-size": ("户数超出范围（{detail}）", "households outside the range ({detail})"),
    "finding-team": ("网格服务团队不齐（{detail}）", "team missing or incomplete ({detail})"),
    "finding-splits-estate": ("网格边界切开小区（{detail}）", "a grid border cuts the estate ({detail})"),
}
