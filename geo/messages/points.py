"""Sentences of the room: points. Files asked for, and tables of points to be located."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "point-empty": (
        "坐标为空，请补上经度和纬度。",
        "The coordinate is empty; fill in both longitude and latitude.",
    ),
    "point-not-a-number": (
        "“{given}”不是坐标；请写十进制数，如 104.0640437，或度分秒，如 104°03′50.6″E。",
        "“{given}” is no coordinate; write a decimal number such as 104.0640437, or degrees, minutes and seconds "
        "such as 104°03′50.6″E.",
    ),
    "point-not-finite": (
        "“{given}”不是有限的数，请改正坐标。",
        "“{given}” is no finite number; correct the coordinate.",
    ),
    "point-minutes-beyond-60": (
        "“{given}”的分或秒不小于 60，请改正。",
        "“{given}” has minutes or seconds of 60 or more; correct it.",
    ),
    "point-other-axis": (
        "“{given}”的方位与所在的列不符：经纬度可能写反了。",
        "The hemisphere of “{given}” does not belong in this column: longitude and latitude may be exchanged.",
    ),
    "point-row-too-long": (
        "这一行有 {cells} 格，表头只有 {headings} 列，分不清哪格是坐标；含分隔符的文字请加引号。",
        "The row has {cells} cells under {headings} headings, so the coordinates cannot be told; put quotation marks "
        "around texts that hold the delimiter.",
    ),
    "point-column-unknown": (
        "没有 {option} 指定的列“{given}”；现有：{columns}。",
        "There is no column “{given}”, named by {option}; there are: {columns}.",
    ),
    "point-column-missing": (
        "没有认出坐标列；请用 {option} 写明，现有：{columns}。",
        "No column of coordinates was recognised; name it by {option}. There are: {columns}.",
    ),
    "point-column-several": (
        "有几列都像坐标：{several}；请用 {option} 写明用哪一列。",
        "Several columns look like coordinates: {several}; say by {option} which one is meant.",
    ),
    "points-already-located": (
        "表里已有定位结果的列（{columns}）；请先删去，或改用原始文件。",
        "The table has columns of an earlier result already ({columns}); remove them, or take the original file.",
    ),
    "points-format": (
        "不能读写 {format} 的点位表；支持：{known}。请另存为其中一种。",
        "Tables of points in {format} are not read or written; supported: {known}. Save it as one of them.",
    ),
    "points-other-format": (
        "“{name}”的内容不是文本，而是 {format}；请把扩展名改为实际的格式，或另存为 CSV。",
        "What “{name}” holds is no text but {format}; give it the extension of what it is, or save it as CSV.",
    ),
    "points-broken-parquet": (
        "“{name}”不是完整的 Parquet 文件，或有不支持的内容；请重新导出。",
        "“{name}” is no whole Parquet file, or holds what is not supported; export it again.",
    ),
    "points-too-many-columns": (
        "表有 {count} 列，超过上限 {most} 列；请只保留需要的列。",
        "The table has {count} columns, more than the limit of {most}; keep only those that are needed.",
    ),
    "points-too-many-for-excel": (
        "{rows} 行 {columns} 列，Excel 工作表放不下（最多 1,048,575 行数据、16,384 列）；请输出为 .csv 或 .parquet。",
        "{rows} rows of {columns} columns do not fit into an Excel sheet (1,048,575 rows of data, 16,384 columns at "
        "most); write .csv or .parquet.",
    ),
    "points-cell-too-long": (
        "有一格 {chars} 个字符，Excel 单元格最多 {most} 个；请输出为 .csv 或 .parquet。",
        "A cell has {chars} characters, an Excel cell holds {most} at most; write .csv or .parquet.",
    ),
    "points-being-written": (
        "另一个进程正在写“{name}”；请等它完成，或换一个输出文件名。",
        "Another process is writing “{name}”; wait for it, or choose another output.",
    ),
    "points-resumed": (
        "接着上次中断处继续：前 {rows} 行已经写好。",
        "Went on where the last run stopped: {rows} rows were written already.",
    ),
    "points-begun-anew": (
        "上次中断的工作用的是别的输入、选项或期号，已从头开始。",
        "What an earlier run left belongs to another input, option or edition; all rows are done anew.",
    ),
    "points-output-is-input": (
        "输出文件就是输入文件；请换一个文件名，原文件不会被改动。",
        "The output is the input file; choose another name. The input is never changed.",
    ),
    "points-output-exists": (
        "“{name}”已经存在；要覆盖请加 --force，或换一个文件名。",
        "“{name}” is there already; add --force to replace it, or choose another name.",
    ),
    "points-look-swapped": (
        "{count} 行的经纬度像是写反了（数值像纬度在前）；请检查 --lon 和 --lat。",
        "In {count} rows longitude and latitude look exchanged (latitude first); check --lon and --lat.",
    ),
    "nothing-to-export": (
        "没有可导出的{level}：在所问的时刻和范围内一个也没有。请检查 --level、--within 和 --at。",
        "There is no {level} to export at that moment and place. Check --level, --within and --at.",
    ),
    "points-located": (
        "{rows} 行：{statuses}；已写入 {name}（第 {edition} 期）。",
        "{rows} rows: {statuses}; written to {name} (edition {edition}).",
    ),
    "points-body-format": (
        "不接受“{given}”格式的请求；Content-Type 可以是 {known}。",
        "A body of type “{given}” is not read; Content-Type may be {known}.",
    ),
    "points-answer-format": (
        "“{given}”格式的请求不能以“{asked}”格式回答；Accept 可以是 {known}。",
        "A body of type “{given}” cannot be answered as “{asked}”; Accept may be {known}.",
    ),
    "points-body-too-large": (
        "请求正文超过 {most_mib} MiB。点很多时请用 NDJSON、CSV 或 Arrow 格式，或分成几次。",
        "The body is larger than {most_mib} MiB. For many points use NDJSON, CSV or Arrow, or several requests.",
    ),
    "points-not-json": (
        '请求正文不是 JSON；应写成 {{"crs": "gcj02", "points": [{{"lon": 104.28, "lat": 30.18}}]}}。',
        'The body is no JSON; write {{"crs": "gcj02", "points": [{{"lon": 104.28, "lat": 30.18}}]}}.',
    ),
    "points-no-list": (
        '请求正文里没有点的列表；应写成 {{"crs": "gcj02", "points": [{{"lon": 104.28, "lat": 30.18}}]}}。',
        'The body holds no list of points; write {{"crs": "gcj02", "points": [{{"lon": 104.28, "lat": 30.18}}]}}.',
    ),
    "points-not-arrow": (
        "请求正文不是完整的 Arrow 数据流（IPC stream 格式）。请重新生成后再发送。",
        "The body is no whole Arrow stream (IPC stream format). Make it anew and send it again.",
    ),
    "point-not-json": (
        '这个点不是 JSON 对象；应写成 {{"lon": 104.28, "lat": 30.18}}。',
        'This point is no JSON object; write {{"lon": 104.28, "lat": 30.18}}.',
    ),
    "point-line-too-long": (
        "这一行超过 {most_bytes} 字节，不像是一个点；请每行写一个点。",
        "This line is longer than {most_bytes} bytes, which is no point; write one point a line.",
    ),
}
