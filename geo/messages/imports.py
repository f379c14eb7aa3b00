"""Sentences of importing boundaries."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "unknown-parent": (
        "找不到上级“{parent}”。请先导入上级区域，或改正该字段；也可用 --derive-parents 由下级合成上级。",
        "There is no parent “{parent}”. Import the level above first, or mend the field; "
        "--derive-parents makes parents from their children.",
    ),
    "ambiguous-parent": (
        "上级“{parent}”不唯一：{candidates}。请改用上级编码。",
        "The parent “{parent}” is not unique: {candidates}. Give its code instead.",
    ),
    "area-vanished": (
        "匹配（容差 {tolerance_m} 米）后该区域没有剩余面积：它比容差还窄。",
        "Nothing of this area was left after matching (tolerance {tolerance_m} m): it is narrower than that.",
    ),
    "code-other-level": (
        "编码 {given} 已用于“{level}”层级的区域，不能再用于本层级。",
        "The code {given} belongs to an area of the level “{level}”, and cannot be used at another.",
    ),
    "code-other-kind": (
        "编码 {given} 已用于 {other} 类网格。请用 --kind {other} 导入，或改用别的编码。",
        "The code {given} belongs to a {other} grid. Import the row with --kind {other}, or give it another code.",
    ),
    "code-ended": (
        "编码 {given} 曾属于 {date} 停用的区域；停用的编码不再使用。请换一个编码，或用 --assign-codes 自动编码。",
        "The code {given} belonged to an area until {date}, and such codes are never used again. Give another code, or "
        "pass --assign-codes.",
    ),
    "other-kind": (
        "该行是 {given} 类网格，而这次导入的是 {wanted} 类。请分别导入（--kind），或用 --skip-bad-rows 跳过。",
        "The row is a {given} grid, but {wanted} grids are being imported. Import them one kind at a time (--kind), or "
        "pass --skip-bad-rows.",
    ),
    "unknown-kind": (
        "类别“{given}”无法识别：应为全科网格（general）或专属网格（special）。",
        "The kind “{given}” is unknown: it must be general (全科网格) or special (专属网格).",
    ),
    "special-level": (
        "“{level}”层级没有专属类别：只有网格（grid）可以是专属网格。请去掉 --kind special。",
        "The level “{level}” has no special areas: only grids can be special. Leave out --kind special.",
    ),
    "mixed-kinds": (
        "同一文件中既有全科网格也有专属网格。请分成两个文件导入。",
        "The file mixes general and special grids. Import them from two files.",
    ),
    "rows-refused": (
        "有 {count} 行不能导入，什么都没有改变。请改正文件，或用 --skip-bad-rows 跳过这些行。",
        "{count} rows cannot come in, and nothing was changed. Mend the file, or pass --skip-bad-rows.",
    ),
    "no-rows-left": (
        "文件中没有可以导入的行。",
        "No row of the file can come in.",
    ),
    "looks-shifted": (
        "边界看起来相对已有上级整体偏移约 {shift_m:.0f} 米（{direction}）：它更像 {crs}。"
        "如果是，请用 --crs {crs} 重新导入。",
        "The boundaries look shifted by about {shift_m:.0f} m ({direction}) against the parents that are there: "
        "they fit {crs} better. If so, import again with --crs {crs}.",
    ),
    "reason-needed": (
        "接受问题需要说明原因：--reason “……”。",
        "Accepting findings needs a reason: --reason “…”.",
    ),
    "unknown-finding-kind": (
        "没有“{given}”这种问题；可用：{known}。",
        "There is no finding kind “{given}”; known kinds: {known}.",
    ),
    "no-parent-for-code": (
        "该行没有上级，不能自动编码。请先导入上级区域。",
        "The row has no parent, so no code can be assigned. Import the level above first.",
    ),
    "derive-needs-level": (
        "“{level}”之上没有层级，不能用 --derive-parents。",
        "There is no level above “{level}”: --derive-parents cannot be used.",
    ),
    "report-input": (
        "文件：{file}（{format}，图层 {layer}）",
        "File: {file} ({format}, layer {layer})",
    ),
    "report-taken": (
        "文字编码 {encoding}；坐标系 {crs}；层级 {level}",
        "Text encoding {encoding}; CRS {crs}; level {level}",
    ),
    "report-encoding": ("{name}（{origin}）", "{name} ({origin})"),
    "encoding-given": ("按 --encoding", "as --encoding says"),
    "encoding-cpg": ("据 .cpg 文件", "by the .cpg file"),
    "encoding-dbf": ("据 DBF 文件头", "by the DBF header"),
    "encoding-texts": ("据文字判断", "judged by the texts"),
    "encoding-format": ("格式规定", "fixed by the format"),
    "report-counts": ("共 {read} 行：{fates}", "{read} rows: {fates}"),
    "fate-new": ("新增 {count} 个", "{count} new"),
    "fate-redrawn": ("重绘 {count} 个", "{count} redrawn"),
    "fate-renamed": ("变更编码、名称、上级等 {count} 个", "{count} with another name, parent or mark"),
    "fate-unchanged": ("不变 {count} 个", "{count} unchanged"),
    "fate-retired": ("停用 {count} 个", "{count} retired"),
    "fate-derived": ("由下级合成的上级新增或变动 {count} 个", "{count} parents made or changed by their children"),
    "fate-refused": ("拒绝 {count} 行", "{count} rows refused"),
    "fate-noded": (
        "另有 {count} 个只在共用边界上增加了节点",
        "{count} areas only received nodes on shared borders",
    ),
    "report-unchanged": (
        "没有任何变化：{count} 个区域与库中一致。",
        "Nothing changes: {count} areas are as they are stored.",
    ),
    "report-stopped": (
        "文件有 {rows} 行；因下列各行，导入已停止。",
        "The file has {rows} rows; the import stopped because of those below.",
    ),
    "report-matching": (
        "边界匹配（容差 {tolerance_m} 米）：插入 {nodes} 个节点，最大位移 {moved_m:.3f} 米（{code}），"
        "面积合计变化 {change_m2:+.2f} 平方米；坐标取整的位移不超过半格（约 0.6 厘米）",
        "Matching (tolerance {tolerance_m} m): {nodes} nodes inserted, largest displacement {moved_m:.3f} m ({code}), "
        "total area changed by {change_m2:+.2f} m²; rounding moves at most half a cell (about 0.6 cm)",
    ),
    "report-still": (
        "边界匹配（容差 {tolerance_m} 米）：没有需要移动的边界；坐标取整的位移不超过半格（约 0.6 厘米）",
        "Matching (tolerance {tolerance_m} m): no border had to move; rounding moves at most half a cell (about 6 mm)",
    ),
    "report-standing": ("（已接受或早已存在，不阻止发布）", " (accepted, or there before: stops nothing)"),
    "report-refused": ("不能导入的行（{count} 行）：行号、编码、原因", "Rows refused ({count}): row, code, reason"),
    "report-repaired": (
        "已修复的行（{count} 行）：行号、编码、缺陷、面积变化",
        "Rows mended ({count}): row, code, defect, change of area",
    ),
    "report-findings": (
        "覆盖检查：{count} 个问题，其中 {blocking} 个阻止发布；最严重的在前",
        "Coverage check, worst first: {count} found, {blocking} of which to stop a publication",
    ),
    "report-no-findings": ("覆盖检查：没有问题。", "Coverage check: nothing found."),
    "report-slivers": (
        "  其中 {count} 个是碎片（宽不足 1 米），合计 {area_m2:.2f} 平方米",
        "  slivers less than 1 m wide among them: {count}, {area_m2:.2f} m² in all",
    ),
    "report-more": ("  …… 还有 {count} 项（--json 列出全部）", "  … and {count} more (--json lists them all)"),
    "import-published": ("已发布：第 {edition} 期。", "Published as edition {edition}."),
    "import-blocked": (
        "没有发布：{count} 个问题阻止发布。请改正文件；确属例外的，用 --accept 类型 --reason “原因” 接受。",
        "Not published: stopped by what was found ({count}). Mend the file, or accept what is right as it is with "
        "--accept KINDS --reason “why”.",
    ),
    "import-trial-published": (
        "--dry-run 与 --publish 不能同时用：前者什么也不保存。",
        "--dry-run keeps nothing, so it does not go with --publish. Leave one of them out.",
    ),
    "import-drafted": (
        "没有发布，存为方案 {plan}；提交、批准、发布后生效，加 --publish 则一次完成。"
        "查看：gridwarden plan check {plan}。",
        "Nothing is published: this is plan {plan} now, to be submitted, approved and published; --publish does it in "
        "one go. See it with “gridwarden plan check {plan}”.",
    ),
    "import-dry-run": (
        "这是试运行，没有改变任何数据。确认后加 --publish 发布。",
        "This was a dry run: nothing was changed. Add --publish to publish it.",
    ),
    "no-areas-yet": (
        "库中还没有任何区域。请先用 gridwarden import 导入边界。",
        "There are no areas yet. Import boundaries first with gridwarden import.",
    ),
    "ledger-report": (
        "台账 {file}：新增或变更 {taken} 项，不变 {unchanged} 项",
        "Ledger {file}: {taken} new or changed, {unchanged} unchanged",
    ),
    "ledger-report-sums": ("涉及 {areas} 个区域，合计：{sums}", "{areas} areas; totals: {sums}"),
    "ledger-report-refused": ("不能导入的行（{count} 行）：", "Rows refused ({count}):"),
    "ledger-report-dropped": ("不是数据的行（{count} 行）：", "Rows that are no data ({count}):"),
}
