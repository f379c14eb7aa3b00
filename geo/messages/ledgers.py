"""Sentences of the room: ledgers. They name rows and columns, never a person or a telephone number."""

from typing import Final

_FILES: Final[dict[str, tuple[str, str]]] = {
    "ledger-no-such-file": ("没有这个文件，请检查路径。", "There is no such file; check the path."),
    "ledger-not-a-file": ("这是文件夹，不是台账文件。", "This is a folder, not a ledger file."),
    "ledger-empty": ("文件是空的，没有任何内容。", "The file is empty: there is nothing in it."),
    "ledger-file-too-large": (
        "文件有 {size_mib} MiB，超过上限 {most_mib} MiB；请按街道或社区拆开再导入。",
        "The file has {size_mib} MiB, more than the limit of {most_mib} MiB; split it by town or community.",
    ),
    "ledger-unknown-format": (
        "不认识这种文件（{suffix}）；请另存为 .xlsx 或 .csv。",
        "This kind of file ({suffix}) is not known; save it as .xlsx or .csv.",
    ),
    "ledger-xls": (
        "这是旧格式 .xls，不能读取；请用 Excel 或 WPS 打开，另存为 .xlsx。",
        "This is the old .xls format, which is not read; open it in Excel or WPS and save it as .xlsx.",
    ),
    "ledger-web-page": (
        "这是网页，只是改了扩展名（有些系统这样导出）；请用 Excel 或 WPS 打开，另存为 .xlsx。",
        "This is a web page under another name (some systems export so); open it in Excel or WPS and save it as .xlsx.",
    ),
    "ledger-password": (
        "文件有打开密码；请去掉密码另存后再导入。",
        "The file is protected by a password; remove it, save, and import again.",
    ),
    "ledger-not-a-workbook": (
        "这是压缩包，但不是 .xlsx 工作簿；请解压，或另存为 .xlsx。",
        "This is an archive, but no .xlsx workbook; unpack it, or save it as .xlsx.",
    ),
    "ledger-broken-workbook": (
        "工作簿已损坏或不完整，读不出来；请用 Excel 或 WPS 打开并重新另存为 .xlsx。",
        "The workbook is damaged or incomplete and cannot be read; open it in Excel or WPS and save it again as .xlsx.",
    ),
    "ledger-unpacks-too-large": (
        "工作簿解压后过大（上限 {most_mib} MiB），没有打开；请删去多余的工作表和格式。",
        "Unpacked, the workbook is too large (limit {most_mib} MiB) and was not opened; remove sheets and formats.",
    ),
    "ledger-zip-bomb": (
        "工作簿的压缩比是 {ratio} 倍，超过上限 {most} 倍，像压缩炸弹，没有打开；请清除空白区域的格式后另存。",
        "A part of the workbook is compressed {ratio} times, more than the limit of {most}: it looks like a zip bomb "
        "and was not opened; clear the formats of blank areas and save it again.",
    ),
    "ledger-too-many-cells": (
        "表格太大：最多 {rows} 行、{columns} 列、{cells} 格；请拆开，或删去右边和下边的多余内容。",
        "The table is too large: at most {rows} rows, {columns} columns, {cells} cells; split it, or remove what "
        "stands far to the right or below.",
    ),
    "ledger-merges-too-large": (
        "合并单元格的范围过大，不像台账；请取消多余的合并。",
        "The merged cells reach too far for a ledger; undo those that are not needed.",
    ),
    "ledger-no-such-sheet": (
        "没有名为“{sheet}”的工作表；有：{known}。",
        "There is no sheet “{sheet}”; there are: {known}.",
    ),
    "ledger-line-too-long": (
        "第 {row} 行超过 {chars} 个字符，不像台账；请检查文件是否损坏。",
        "Line {row} is longer than {chars} characters, which is no ledger; check whether the file is damaged.",
    ),
    "ledger-not-text": (
        "第 {row} 行有二进制内容，不是文本文件；请另存为 CSV 或 .xlsx。",
        "Line {row} holds binary data: this is no text file; save it as CSV or .xlsx.",
    ),
    "ledger-cut-off": (
        "文件在一个字的中间断了，可能没有传完；请重新取得文件。",
        "The file ends in the middle of a character, as after a broken transfer; get it again.",
    ),
    "ledger-unknown-encoding": (
        "既不是 UTF-8，也不是 GBK（GB18030）；请用 --encoding 写明编码，或另存为 UTF-8。",
        "The text is neither UTF-8 nor GBK (GB18030); name the encoding by --encoding, or save it as UTF-8.",
    ),
    "ledger-no-such-encoding": (
        "没有名为“{encoding}”的编码；常用：utf-8、gb18030。",
        "There is no encoding “{encoding}”; usual ones: utf-8, gb18030.",
    ),
    "ledger-wrong-encoding": (
        "文件不是 {encoding} 编码：第 {row} 行读不通；不写 --encoding 会自动识别。",
        "The file is not in {encoding}: line {row} cannot be decoded; without --encoding it is detected.",
    ),
    "ledger-broken-quotes": (
        "从第 {row} 行开始的引号不成对，后面的行无法分清；请改正这一行。",
        "The quotation marks from row {row} on do not match, so that the rows below cannot be told apart; "
        "mend that row.",
    ),
    "ledger-no-header": (
        "前 40 行里没有找到表头（至少要有两个认识的列名，如 网格编码、社区、姓名、户数）。",
        "No header in the first 40 rows (at least two known headings are needed, such as grid_code, community, name, "
        "households).",
    ),
    "ledger-no-rows": (
        "表头下面没有数据行。",
        "There is no row of data below the header.",
    ),
    "ledger-column-missing": (
        "缺少列：{wanted}。",
        "A column is missing: {wanted}.",
    ),
}

_DROPPED: Final[dict[str, tuple[str, str]]] = {
    "ledger-title": ("第 {row} 行在表头上面，当作标题。", "Row {row} stands above the header: a title."),
    "ledger-header-again": ("第 {row} 行是重复的表头。", "Row {row} repeats the header."),
    "ledger-total-row": ("第 {row} 行是合计行，不是数据。", "Row {row} states totals and is no data."),
    "ledger-note": ("第 {row} 行是备注或落款，不是数据。", "Row {row} is a note and no data."),
}

_REMARKS: Final[dict[str, tuple[str, str]]] = {
    "ledger-total-differs": (
        "第 {row} 行“{column}”写的合计是 {stated}，各行相加是 {counted}；按各行导入。",
        "Row {row} states a total of {stated} in “{column}”, the rows add up to {counted}; the rows are taken.",
    ),
    "ledger-merged-amount": (
        "第 {row} 至 {last} 行的“{column}”合并在一格里，只在第 {row} 行计一次，其余行计 0。",
        "“{column}” is merged over rows {row} to {last}: it counts once, in row {row}, and 0 in the others.",
    ),
    "ledger-filled-down": (
        "“{column}”列有 {count} 个空格，按合并单元格用上一行填补。",
        "{count} blanks in “{column}” were filled from the row above, as merged cells.",
    ),
    "ledger-untitled-column": (
        "{column} 列有内容但没有列名，没有读取。",
        "Column {column} holds data but has no heading and was not read.",
    ),
    "ledger-uncalculated": (
        "有 {count} 个公式没有保存结果（第一个在 {first}），当作空格；请用 Excel 或 WPS 打开并保存一次。",
        "{count} formulas have no stored result (the first in {first}) and count as blank; open the file in Excel or "
        "WPS and save it.",
    ),
    "ledger-other-sheets": (
        "读取了工作表“{sheet}”；没有读取：{others}。需要时用 --sheet 指定。",
        "Sheet “{sheet}” was read; not read: {others}. Name one by --sheet if it is meant.",
    ),
    "ledger-phone-rounded": (
        "第 {row} 行“{column}”的号码成了科学计数，末几位已丢失，没有导入；请把该列设为文本后重新导出。",
        "In row {row} “{column}” a number was written as a power of ten and lost its last digits, so it is left out; "
        "format the column as text and export again.",
    ),
    "ledger-phone-unreadable": (
        "第 {row} 行“{column}”不是电话号码，没有导入号码。",
        "In row {row} “{column}” there is no telephone number; none was taken.",
    ),
    "ledger-phone-form": (
        "第 {row} 行“{column}”的号码位数不对，照原样导入；请核对。",
        "In row {row} “{column}” the number has an unusual length; it is taken as it is, please check.",
    ),
    "ledger-phones-unpaired": (
        "第 {row} 行“{column}”的号码个数与人数不同：一人多号取第一个，多人则都不取；请一人一号。",
        "In row {row} “{column}” there are not as many numbers as people: one person gets the first, several get none; "
        "write one number a person.",
    ),
    "ledger-phone-shared": (
        "同一个电话号码对应 {count} 个姓名，在第 {rows} 行；请核对。",
        "One telephone number stands beside {count} names, in rows {rows}; please check.",
    ),
    "ledger-member-repeated": (
        "第 {row} 行与第 {earlier} 行是同一团队里的同一人同一角色，只计一次。",
        "Row {row} and row {earlier} give the same person the same role in the same team; counted once.",
    ),
    "ledger-team-renamed": (
        "{code} 的团队有两个名称，用先出现的。",
        "The team of {code} has two names; the first one is used.",
    ),
    "ledger-team-not-1-1-1-n": (
        "{code} 的团队不是 1+1+1+N：全科网格员 {grid_worker}、社区专职工作者 {community_worker}、"
        "民警 {police_officer}、其他 {other}。",
        "The team of {code} is not 1+1+1+N: grid workers {grid_worker}, community workers {community_worker}, police "
        "officers {police_officer}, others {other}.",
    ),
    "ledger-category-unknown": (
        "第 {row} 行“{column}”的类别不认识，记为“其他”。",
        "In row {row} “{column}” the category is not known; taken as “other”.",
    ),
}

_REFUSALS: Final[dict[str, tuple[str, str]]] = {
    "ledger-area-unknown": (
        "没有找到“{text}”（在 {within} 之内）：编码、本地编码、名称都对不上。",
        "“{text}” was not found (within {within}): neither as a code, a local code nor a name.",
    ),
    "ledger-area-ambiguous": (
        "对得上的有 {count} 个：{candidates}；请写编码，或写明所属社区和街道。",
        "{count} areas fit: {candidates}; write the code, or the community and town it belongs to.",
    ),
    "ledger-area-rounded": (
        "编码成了科学计数，末几位已丢失；请把编码列设为文本后重新导出。",
        "The code was written as a power of ten and lost its last digits; format the column as text and export again.",
    ),
    "ledger-area-contradicts": (
        "编码指 {code}，“{column}”指 {other}，互相矛盾；请改正其一。",
        "The code means {code}, “{column}” means {other}; mend one of them.",
    ),
    "ledger-unknown-level": (
        "层级不认识；可用：{known}。",
        "The level is not known; known are: {known}.",
    ),
    "ledger-no-area": (
        "没有写是哪个网格（“{column}”列为空）；如果是社区或街道的团队，请在“层级”列写明。",
        "The row does not say which grid (“{column}” is blank); for a team of a community or town, say so in a column "
        "“level”.",
    ),
    "ledger-no-people": (
        "第 {row} 行没有写任何人。",
        "Row {row} names nobody.",
    ),
    "ledger-no-role": (
        "第 {row} 行“{column}”为空，不知道是什么角色。",
        "In row {row} “{column}” is blank, so the role is not known.",
    ),
    "ledger-no-grid-no-point": (
        "第 {row} 行既没有网格（“{column}”），也没有经纬度。",
        "Row {row} has neither a grid (“{column}”) nor a point.",
    ),
    "ledger-cell-missing": (
        "第 {row} 行缺“{column}”。",
        "Row {row} lacks “{column}”.",
    ),
    "ledger-count-missing": (
        "第 {row} 行“{column}”为空；没有住户请写 0。",
        "In row {row} “{column}” is blank; write 0 where nobody lives.",
    ),
    "ledger-count-unreadable": (
        "第 {row} 行“{column}”不是数字。",
        "In row {row} “{column}” is not a number.",
    ),
    "ledger-count-negative": (
        "第 {row} 行“{column}”是负数。",
        "In row {row} “{column}” is negative.",
    ),
    "ledger-count-fraction": (
        "第 {row} 行“{column}”不是整数。",
        "In row {row} “{column}” is not a whole number.",
    ),
    "ledger-count-too-large": (
        "第 {row} 行“{column}”超过一百万，不可信。",
        "In row {row} “{column}” is over a million, which is not believed.",
    ),
    "ledger-point-unreadable": (
        "第 {row} 行“{column}”不是十进制坐标（经度和纬度都要写）。",
        "In row {row} “{column}” is not a decimal coordinate (both of them are needed).",
    ),
    "ledger-point-out-of-range": (
        "第 {row} 行“{column}”起的坐标不在该坐标系的范围内。",
        "In row {row} the point from “{column}” on lies outside its coordinate system.",
    ),
    "ledger-address-repeated": (
        "第 {row} 行的地址与第 {earlier} 行相同（同一网格）。",
        "Row {row} repeats the address of row {earlier} (in the same grid).",
    ),
    "ledger-facility-repeated": (
        "第 {row} 行与第 {earlier} 行是同一设施。",
        "Row {row} repeats the facility of row {earlier}.",
    ),
}

MESSAGES: Final[dict[str, tuple[str, str]]] = {**_FILES, **_DROPPED, **_REMARKS, **_REFUSALS}
