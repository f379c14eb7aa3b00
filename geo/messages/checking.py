"""Sentences of the room: the report of a check, as text and as a page."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "kind-invalid-geometry": ("边界图形无效", "invalid boundaries"),
    "kind-overlap": ("重叠", "overlaps"),
    "kind-gap": ("空白", "gaps"),
    "kind-outside-parent": ("超出上级边界", "outside the parent"),
    "kind-unmatched-edge": ("相邻边界节点不一致", "unmatched edges"),
    "kind-duplicate": ("重复", "duplicates"),
    "kind-orphan": ("没有上级或上级不符", "no parent or the wrong one"),
    "kind-multipart": ("飞地（多块）", "in several pieces"),
    "kind-size": ("户数超出范围", "households outside the range"),
    "kind-team": ("服务团队不齐", "team missing or incomplete"),
    "kind-splits-estate": ("网格边界切开小区", "cutting an estate"),
    "verdict-covered": ("通过", "covered"),
    "verdict-clean": ("未发现问题", "nothing wrong found"),
    "verdict-defects": ("有问题", "defects"),
    "verdict-unproved": ("无法确认", "unproved"),
    "check-areas": ("辖区 {areas} 个", "areas: {areas}"),
    "check-defects": ("问题 {count} 处（{kinds}）", "findings: {count} ({kinds})"),
    "check-remarks": ("提示 {count} 处（{kinds}）", "remarks: {count} ({kinds})"),
    "check-no-defects": ("没有问题", "no findings"),
    "outer-not-checked": ("外边界未检查", "outer coverage not checked"),
    "outer-how": (
        "外边界未检查：没有上级边界，只能发现被包围的空白；用 --parents 给出上级文件。",
        "outer coverage not checked: without parents only enclosed gaps can be found; give them with --parents.",
    ),
    "check-unproved": (
        "没有边界、因而无法确认的上级：{codes}",
        "parents without a boundary, of which nothing can be proved: {codes}",
    ),
    "check-covered-of": (
        "上级 {declared_m2} 平方米，已覆盖 {covered_m2} 平方米",
        "{covered_m2} m² covered of {declared_m2} m²",
    ),
    "check-covered": ("覆盖 {covered_m2} 平方米", "{covered_m2} m² covered"),
    "group-line": ("{name} {count} 处，{area_m2} 平方米", "{name}: {count}, {area_m2} m²"),
    "group-line-remark": ("{name} {count} 处（提示，不影响结论）", "{name}: {count} (remark, blocks nothing)"),
    "group-count": ("{name} {count} 处", "{name}: {count}"),
    "kind-and-count": ("{name} {count}", "{name} {count}"),
    "finding-size-words": ("{area_m2} 平方米，宽 {width_m} 米", "{area_m2} m², {width_m} m wide"),
    "finding-width-words": ("宽 {width_m} 米", "{width_m} m wide"),
    "no-place": ("没有位置", "no place"),
    "codes-and-more": ("{codes} 等 {count} 个", "{codes} … ({count} in all)"),
    "specks-line": (
        "另有碎屑 {count} 处（宽不到 {tolerance_m} 米，面积不到 {speck_m2} 平方米），"
        "共 {area_m2} 平方米，最宽 {width_m} 米",
        "and {count} specks (below {tolerance_m} m of width and {speck_m2} m²): {area_m2} m² together, at most "
        "{width_m} m wide",
    ),
    "specks-line-edges": (
        "另有细小的 {count} 处（相差不到 {tolerance_m} 米）",
        "and {count} tiny ones (less than {tolerance_m} m apart)",
    ),
    "pieces": ("{count} 块", "{count} pieces"),
    "more-findings": (
        "另有 {count} 处未列出，用 --format json 或 gpkg 看全部",
        "{count} more are not listed; --format json or gpkg has all",
    ),
    "check-settings": ("坐标系 {crs}，碎屑宽度 {tolerance_m} 米", "CRS {crs}, slivers below {tolerance_m} m"),
    "check-input-areas": ("被检查的文件", "checked file"),
    "check-input-parents": ("上级文件", "parents"),
    "codes-by-row": (
        "“{name}”没有编码字段，用行号 {example} 代替编码；可用 --code-field 指定，字段有：{fields}。",
        "“{name}” has no field of codes, so areas are called by row: {example}; --code-field names one of: {fields}.",
    ),
    "rows-without-code": (
        "“{name}”有 {count} 行没有编码，用行号（如 {example}）代替。",
        "{count} rows of “{name}” have no code and are called by row, such as {example}.",
    ),
    "rows-doubtful": (
        "“{name}”有 {count} 行的编码不能照原样导入，例如：",
        "{count} rows of “{name}” have codes that cannot be imported as they are, such as:",
    ),
    "parents-not-named": (
        "字段“{field}”里的上级在“{name}”中一个也没有，改按占比最大的上级判断。",
        "Field “{field}” names no parent that stands in “{name}”: the parent with the largest share was taken instead.",
    ),
    "parents-converted": (
        "“{name}”的坐标系是 {other}，已换算到 {crs}；毫米到厘米的差别可能来自换算。",
        "“{name}” is in {other} and was converted to {crs}: millimetres to centimetres of difference may come of that.",
    ),
    "specials-apart": (
        "其中专属网格 {count} 个：它们叠在全科网格之上，只检查彼此是否重叠，不查空白。",
        "{count} of them are special grids: they lie over the general ones, so they are checked for overlaps among "
        "themselves and not for gaps.",
    ),
    "microgrids-sparse": (
        "按编码是微网格，不必铺满上级：不查空白，注明全部划分的上级除外。",
        "By their codes these are microgrids, which need not cover their parents: gaps count only in parents marked "
        "as fully divided.",
    ),
    "measured-through-conversion": (
        "{crs} 的坐标不等比，面积和宽度按换算后的国家2000坐标量算。",
        "{crs} distorts areas, so m² and widths were measured after conversion to CGCS2000.",
    ),
    "format-needs-out": (
        "{format} 格式要写成文件，请加 --out，例如 --out {example}。",
        "Format {format} is a file: add --out, such as --out {example}.",
    ),
    "written-to": ("已写入 {path}", "Written to {path}"),
    "page-title": ("{name} 边界检查", "Boundary check of {name}"),
    "page-inputs": ("输入与复现", "Inputs, and how to reproduce this"),
    "page-remarks": ("说明", "Notes"),
    "page-mending": ("调整方案", "How to mend them"),
    "page-findings": ("问题", "Findings"),
    "page-command": ("复现命令", "Command"),
    "page-versions": ("软件版本", "Versions"),
    "page-tolerance": ("碎屑宽度", "Slivers below"),
    "page-crs": ("坐标系", "CRS"),
    "page-number": ("序号", "No."),
    "page-codes": ("编码", "Codes"),
    "page-area": ("面积（平方米）", "m²"),
    "page-width": ("宽（米）", "Width, m"),
    "page-place": ("经度,纬度", "lon,lat"),
    "page-detail": ("原因", "Detail"),
    "page-file": ("文件", "File"),
    "page-use": ("用途", "Use"),
    "page-rows": ("行数", "Rows"),
    "page-map": ("地图", "Map"),
    "page-ground": ("辖区", "Areas"),
    "page-parents": ("上级边界", "Parents"),
    "page-whole": ("全图", "All"),
    "page-zoom-in": ("放大", "Zoom in"),
    "page-zoom-out": ("缩小", "Zoom out"),
    "page-map-note": (
        "点击一行，地图移到该处；坐标 CGCS2000，显示投影 Web 墨卡托，按网页墨卡托看到的大小不能量算。",
        "Click a row to see the place. Coordinates are CGCS2000, shown in Web Mercator: do not measure on the picture.",
    ),
    "page-ground-part": (
        "地图只画了 {drawn} 个辖区（共 {areas} 个），先画有问题的。",
        "The map shows {drawn} of {areas} areas, those with findings first.",
    ),
    "page-findings-part": (
        "地图只画了 {drawn} 处（共 {count} 处），先画严重的。",
        "The map shows {drawn} of {count} findings, the worst first.",
    ),
}
