"""Sentences of the room: comparisons of two states."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "diff-needs-level": (
        "从“{name}”的编码看不出层级；请用 --level 说明，如 --level grid。",
        "The codes of “{name}” do not tell the level; say it with --level, such as --level grid.",
    ),
    "diff-side-unknown": (
        "“{given}”不是文件，也不是 @日期 或 edition:期号；例如 grids.gpkg、@2026-07-01、edition:9。",
        "“{given}” is no file, and neither @DATE nor edition:N; such as grids.gpkg, @2026-07-01, edition:9.",
    ),
    "diff-mended": (
        "“{name}”第 {row} 行（{code}）的边界无效，比较前已自动修复。",
        "The boundary of row {row} ({code}) of “{name}” is not valid; it was mended before it was compared.",
    ),
    "diff-left-out": (
        "“{name}”有 {count} 行没有参加比较，它们的辖区显得缺失：",
        "{count} rows of “{name}” could not be compared, so their areas seem to be missing:",
    ),
    "change-created": ("新建", "created"),
    "change-retired": ("撤销", "retired"),
    "change-redrawn": ("改界", "redrawn"),
    "change-redigitised": ("重描（未改界）", "digitised again (not redrawn)"),
    "change-noded": ("仅增节点", "nodes only"),
    "change-renamed": ("改名", "renamed"),
    "change-recoded": ("改码", "recoded"),
    "change-reparented": ("改属", "reparented"),
    "change-marked": ("改标注", "marks changed"),
    "diff-edition": ("第 {edition} 期（{at}）", "edition {edition} ({at})"),
    "diff-headline": (
        "{old} → {new}：{old_count} 个辖区 → {new_count} 个，{unchanged} 个不变",
        "{old} → {new}: {old_count} areas → {new_count}, {unchanged} unchanged",
    ),
    "diff-nothing": ("没有差别。", "Nothing differs."),
    "diff-counts": ("{name} {count}", "{name} {count}"),
    "diff-tolerance": (
        "边界移动不到 {tolerance_m} 米的算重描，不算改界。",
        "A border that moved less than {tolerance_m} m was digitised again, not redrawn.",
    ),
    "diff-column-change": ("变化", "change"),
    "diff-column-code": ("编码", "code"),
    "diff-column-name": ("名称", "name"),
    "diff-column-gained": ("增（平方米）", "gained, m²"),
    "diff-column-lost": ("减（平方米）", "lost, m²"),
    "diff-column-moved": ("移动（米）", "moved, m"),
    "diff-column-told": ("说明", "detail"),
    "diff-special": ("专属网格", "special grids"),
    "diff-from": ("来自 {others}", "from {others}"),
    "diff-to": ("给 {others}", "to {others}"),
    "diff-was": ("原 {was}", "was {was}"),
    "diff-parent": ("上级 {was} → {now}", "parent {was} → {now}"),
    "diff-nobody": ("无", "nobody"),
    "diff-page-title": ("边界比较：{old} → {new}", "Boundaries compared: {old} → {new}"),
    "diff-page-before": ("之前", "before"),
    "diff-page-after": ("之后", "after"),
    "diff-page-pieces": ("易手的土地", "land that changed hands"),
    "diff-page-note": (
        "点击一行，地图移到该处；右上角切换之前和之后，红虚线是原来的界线。坐标 CGCS2000，显示投影 Web 墨卡托，"
        "不能在图上量算。",
        "Click a row to see the place; the switch shows before and after; dashed red lines are former borders. "
        "Coordinates are CGCS2000, shown in Web Mercator: do not measure on the picture.",
    ),
    "diff-page-part": (
        "地图只画了 {drawn} 处变化（共 {count} 处）。",
        "The map shows {drawn} of {count} differences.",
    ),
}
