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
    "detail-no-boundary": ("没有边界", "no boundary"),
    "detail-not-a-polygon": ("不是面", "not a polygon"),
    "detail-not-finite": ("坐标不是有限数", "a coordinate is not a finite number"),
    "detail-too-wide": ("跨度超过 180 度，可能跨越 180 度经线", "wider than 180°, perhaps across the antimeridian"),
    "detail-spike": ("尖刺", "spike"),
    "detail-unreadable": ("图形数据损坏，无法读取", "unreadable bytes"),
    "detail-unclosed": ("边界环没有闭合", "a ring is not closed"),
    "detail-beyond-the-globe": ("坐标超出地球范围或无法换算", "coordinates beyond the globe"),
    "detail-self-intersection": ("自相交", "self-intersection"),
    "detail-ring-self-intersection": ("边界环与自身相接", "a ring touches itself"),
    "detail-hole-outside": ("洞在外环之外", "a hole lies outside its shell"),
    "detail-nested-holes": ("洞中有洞", "nested holes"),
    "detail-nested-shells": ("外环套外环", "nested shells"),
    "detail-duplicate-rings": ("边界环重复", "duplicate rings"),
    "detail-disconnected": ("内部不连通", "the interior is not connected"),
    "detail-too-few-points": ("点数不足", "too few points"),
    "detail-no-parent": ("没有上级", "no parent"),
    "detail-code-contradicts": ("编码与上级不符", "the code contradicts the parent"),
    "detail-same-code": ("编码相同", "same code"),
    "detail-same-boundary": ("边界相同", "same boundary"),
    "detail-no-team": ("没有团队", "no team"),
    "detail-incomplete": ("不足 1+1+1", "less than 1+1+1"),
}
