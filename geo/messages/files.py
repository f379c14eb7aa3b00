"""Sentences of the room: boundary files, what is in them, and writing them."""

from typing import Final

_REPAIR_ZH = "请在绘图软件中修正，或加 --make-valid 自动修复。"
_REPAIR_EN = "Mend it in your drawing program, or repair it with --make-valid."

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # the file itself
    "no-such-file": (
        "找不到文件“{name}”；请检查路径和文件名。",
        "There is no file “{name}”; check the folder and the name.",
    ),
    "not-a-local-file": (
        "“{name}”不是本机文件；只读取本机上的普通文件，网址和 /vsi 路径一律不接受，请先下载或解压到本机。",
        "“{name}” is not a local file; only plain files of this machine are read, never web addresses or "
        "/vsi paths. Download or unpack it first.",
    ),
    "is-a-directory": (
        "“{name}”是文件夹，不是文件；请给出其中的边界文件。",
        "“{name}” is a folder, not a file; name the boundary file inside it.",
    ),
    "not-a-regular-file": (
        "“{name}”是设备、管道或套接字，不是普通文件。",
        "“{name}” is a device, pipe or socket, not a plain file.",
    ),
    "file-not-readable": (
        "没有读取“{name}”的权限，请检查文件权限。",
        "“{name}” may not be read by this user; check the file's permissions.",
    ),
    "file-too-large": (
        "“{name}”有 {size_mb} MB，超过 {limit_mb} MB 的上限；请按区县拆分后再导入。",
        "“{name}” has {size_mb} MB, above the limit of {limit_mb} MB; split it, county by county for example.",
    ),
    "too-many-vertices": (
        "“{name}”的折点超过 {limit} 个的上限；请拆分文件后再导入。",
        "“{name}” has more than {limit} vertices in all, the limit; split the file.",
    ),
    "unknown-format": (
        "不认识“{name}”的格式（{extension}）；可用的格式：{known}。",
        "“{name}” is of no known format ({extension}); known formats: {known}.",
    ),
    "content-differs": (
        "“{name}”的内容不是 {format}，与扩展名不符；请用正确的格式重新导出。",
        "“{name}” does not hold {format} as its extension says; export it again in the right format.",
    ),
    "truncated-file": (
        "“{name}”不完整：应有 {expected} 字节，实有 {found} 字节；请重新复制或导出。",
        "“{name}” is cut off: {expected} bytes were expected, {found} are there; copy or export it again.",
    ),
    "unreadable-file": (
        "“{name}”不能按 {format} 读取，文件可能损坏或不完整；请重新导出。读取程序的原话：{reason}",
        "“{name}” cannot be read as {format}; it may be damaged or cut off. Export it again. The reader said: {reason}",
    ),
    "shapefile-part-missing": (
        "“{name}”缺少同名的 {missing} 文件；Shapefile 要几个文件一起提供，请补齐或打成一个 .zip。",
        "“{name}” lacks its {missing} file; a Shapefile is a set of files. Add what is missing, or zip the set.",
    ),
    "file-in-use": (
        "“{name}”还有未写入的改动（{wal}）；请先在 QGIS 等软件中保存并关闭它。",
        "“{name}” has changes that are not written yet ({wal}); save and close it in QGIS or wherever it is open.",
    ),
    "crs-by-link": (
        "“{name}”用网址或非标准写法说明坐标系，不予访问；请删去其 crs 成员，用 --crs 说明坐标系。",
        "“{name}” gives its coordinate system by a link or in no standard form, which is not followed; remove "
        "its crs member and give --crs.",
    ),
    "xml-with-entities": (
        "“{name}”含有 DOCTYPE 或实体声明，不予解析；请重新导出不含声明的 KML。",
        "“{name}” declares a DOCTYPE or entities, which are not read; export a KML without them.",
    ),
    "no-geo-metadata": (
        "“{name}”是 Parquet，但没有 WKB 几何列的说明（geo 元数据）；请导出为 GeoParquet。",
        "“{name}” is Parquet without the “geo” metadata of a WKB geometry column; export it as GeoParquet.",
    ),
    # archives
    "archive-damaged": (
        "压缩包“{name}”损坏或不完整，请重新打包。",
        "The archive “{name}” is damaged or cut off; pack it again.",
    ),
    "cannot-unpack": (
        "压缩包“{name}”解不开：{reason}；请检查临时文件夹的空间和权限。",
        "The archive “{name}” cannot be unpacked: {reason}; check space and permissions of the temporary folder.",
    ),
    "archive-encrypted": (
        "压缩包“{name}”设有密码，请去掉密码重新打包。",
        "The archive “{name}” is encrypted; pack it again without a password.",
    ),
    "archive-unsafe-name": (
        "压缩包“{name}”中的“{entry}”指向包外或含有非法字符，整个压缩包不予读取。",
        "“{entry}” in the archive “{name}” points outside it or has forbidden characters; nothing of it is read.",
    ),
    "archive-link": (
        "压缩包“{name}”中的“{entry}”是链接或特殊文件，整个压缩包不予读取。",
        "“{entry}” in the archive “{name}” is a link or a special file; nothing of it is read.",
    ),
    "archive-nested": (
        "压缩包“{name}”里还有压缩包“{entry}”；请解开后只打一层包。",
        "The archive “{name}” holds another archive, “{entry}”; pack the files themselves.",
    ),
    "archive-twice": (
        "压缩包“{name}”里“{entry}”出现两次；请只保留一份。",
        "“{entry}” stands twice in the archive “{name}”; keep one.",
    ),
    "archive-too-many-entries": (
        "压缩包“{name}”有 {entries} 个文件，超过 {limit} 个的上限；请只放边界文件。",
        "The archive “{name}” has {entries} entries, above the limit of {limit}; pack the boundary files only.",
    ),
    "archive-too-large": (
        "压缩包“{name}”解开后有 {size_mb} MB，超过 {limit_mb} MB 的上限；请拆分。",
        "The archive “{name}” unpacks to {size_mb} MB, above the limit of {limit_mb} MB; split it.",
    ),
    "archive-ratio": (
        "压缩包“{name}”的压缩比为 {ratio} 倍，超过 {limit} 倍的上限，像是压缩炸弹；请直接提供未压缩的文件。",
        "The archive “{name}” is compressed {ratio} times, above the limit of {limit}, like a zip bomb; give the "
        "files without packing.",
    ),
    "archive-without-boundaries": (
        "压缩包“{name}”里没有边界文件；可用的格式：{known}。",
        "The archive “{name}” holds no boundary file; known formats: {known}.",
    ),
    # layers, fields, texts
    "unknown-layer": (
        "“{name}”里没有图层“{layer}”；现有图层：{known}。",
        "“{name}” has no layer “{layer}”; its layers: {known}.",
    ),
    "several-layers": (
        "“{name}”有多个图层，请用 --layer 选一个：{known}。",
        "“{name}” has several layers; choose one with --layer: {known}.",
    ),
    "empty-layer": (
        "“{name}”的图层“{layer}”里一个要素也没有。",
        "The layer “{layer}” of “{name}” holds no feature.",
    ),
    "unknown-code-field": (
        "“{name}”里没有字段“{field}”；现有字段：{fields}。",
        "“{name}” has no field “{field}”; its fields: {fields}.",
    ),
    "no-code-field": (
        "在“{name}”里认不出编码字段；请用 --code-field 指定，或用 --assign-codes 由系统编码。现有字段：{fields}。",
        "No field of “{name}” is known to hold codes; name it with --code-field, or let --assign-codes number "
        "the areas. Its fields: {fields}.",
    ),
    "same-field-twice": (
        "“{name}”有不止一个名为“{field}”的字段；请改名后重新导出。",
        "“{name}” has more than one field called “{field}”; rename one and export it again.",
    ),
    "unknown-encoding": (
        "不认识文字编码“{encoding}”（来源：{origin}）；请用 --encoding 指定，例如 gbk 或 utf-8。",
        "The text encoding “{encoding}” (from: {origin}) is unknown; give --encoding, such as gbk or utf-8.",
    ),
    "text-not-in-encoding": (
        "“{name}”的文字不是 {encoding} 编码（来源：{origin}）；请用 --encoding 指定，例如 gbk 或 utf-8。",
        "The texts of “{name}” are not in {encoding} (from: {origin}); give --encoding, such as gbk or utf-8.",
    ),
    # rows
    "no-geometry": ("第 {row} 行（{code}）没有图形。", "Row {row} ({code}) has no geometry."),
    "empty-geometry": ("第 {row} 行（{code}）的图形是空的。", "The geometry of row {row} ({code}) is empty."),
    "unreadable-geometry": (
        "第 {row} 行（{code}）的图形数据损坏，无法读取。",
        "The geometry of row {row} ({code}) is damaged and cannot be read.",
    ),
    "unclosed-ring": (
        "第 {row} 行（{code}）的边界没有闭合，或少于四个点。" + _REPAIR_ZH,
        "A ring of row {row} ({code}) is not closed, or has fewer than four points. " + _REPAIR_EN,
    ),
    "not-a-polygon": (
        "第 {row} 行（{code}）的图形是 {geometry_type}，不是面；辖区边界必须是面。",
        "The geometry of row {row} ({code}) is a {geometry_type}, not a polygon; boundaries are polygons.",
    ),
    "mixed-collection": (
        "第 {row} 行（{code}）的图形是混合集合；加 --make-valid 可只取其中的面。",
        "The geometry of row {row} ({code}) is a mixed collection; --make-valid takes the polygons out of it.",
    ),
    "coordinates-not-finite": (
        "第 {row} 行（{code}）有非数字或无穷大的坐标，共 {count} 个点。",
        "Row {row} ({code}) has coordinates that are no finite numbers, at {count} vertices.",
    ),
    "beyond-degrees": (
        "第 {row} 行（{code}）的坐标超出经纬度范围：经度 {west} 至 {east}，纬度 {south} 至 {north}；"
        "请检查坐标系，以及经纬度是否颠倒。",
        "Row {row} ({code}) lies beyond the degrees of the globe: longitude {west} to {east}, latitude {south} "
        "to {north}; check the coordinate system and whether the axes are swapped.",
    ),
    "ring-too-long": (
        "第 {row} 行（{code}）的一个环有 {vertices} 个折点，超过 {limit} 个的上限；请先简化边界。",
        "A ring of row {row} ({code}) has {vertices} vertices, above the limit of {limit}; simplify it first.",
    ),
    "self-intersection": (
        "第 {row} 行（{code}）的边界在 ({x}, {y}) 处自相交。" + _REPAIR_ZH,
        "The boundary of row {row} ({code}) crosses itself at ({x}, {y}). " + _REPAIR_EN,
    ),
    "ring-touches-itself": (
        "第 {row} 行（{code}）的一个环在 ({x}, {y}) 处与自身相触。" + _REPAIR_ZH,
        "A ring of row {row} ({code}) touches itself at ({x}, {y}). " + _REPAIR_EN,
    ),
    "hole-outside-shell": (
        "第 {row} 行（{code}）有洞落在外环之外，内外环可能颠倒，位置 ({x}, {y})。" + _REPAIR_ZH,
        "A hole of row {row} ({code}) lies outside its shell at ({x}, {y}); the two may be exchanged. " + _REPAIR_EN,
    ),
    "rings-nested": (
        "第 {row} 行（{code}）的环在 ({x}, {y}) 处互相重叠嵌套。" + _REPAIR_ZH,
        "Rings of row {row} ({code}) lie inside each other at ({x}, {y}). " + _REPAIR_EN,
    ),
    "rings-repeated": (
        "第 {row} 行（{code}）有两个相同的环，位置 ({x}, {y})。" + _REPAIR_ZH,
        "A ring of row {row} ({code}) stands twice, at ({x}, {y}). " + _REPAIR_EN,
    ),
    "interior-cut-apart": (
        "第 {row} 行（{code}）的内部在 ({x}, {y}) 处被洞分割开。" + _REPAIR_ZH,
        "Holes cut the interior of row {row} ({code}) apart at ({x}, {y}). " + _REPAIR_EN,
    ),
    "invalid-polygon": (
        "第 {row} 行（{code}）不是有效的面，位置 ({x}, {y})。" + _REPAIR_ZH,
        "Row {row} ({code}) is not a valid polygon, at ({x}, {y}). " + _REPAIR_EN,
    ),
    "not-mendable": (
        "第 {row} 行（{code}）无法修复成有面积的面，请重新绘制。",
        "Row {row} ({code}) cannot be mended into a polygon that has an area; draw it again.",
    ),
    "empty-code": (
        "第 {row} 行没有编码（名称：{area}）；请补上，或用 --assign-codes 由系统编码。",
        "Row {row} has no code (name: {area}); fill it in, or let --assign-codes number the areas.",
    ),
    "duplicate-code": (
        "编码 {code} 出现在多行：{rows}；每个辖区的编码必须唯一。",
        "The code {code} stands in several rows: {rows}; every area needs a code of its own.",
    ),
    "code-not-exact": (
        "第 {row} 行的编码以数字保存，位数过长，末几位已丢失（{code}）；请把该字段改为文本重新导出。",
        "The code of row {row} is kept as a number too long to be exact ({code}): its last digits are lost. "
        "Export that field as text.",
    ),
    "control-characters": (
        "第 {row} 行的编码含有不可见的控制字符（{code}），请删去。",
        "The code of row {row} has invisible control characters ({code}); remove them.",
    ),
    "names-cleaned": (
        "“{name}”中 {count} 个名称含有不可见的控制字符，已删去（首个在第 {row} 行）。",
        "{count} names of “{name}” had invisible control characters, which were removed (first in row {row}).",
    ),
    "taken-as-wgs84": (
        "“{name}”没有说明坐标系，按 {format} 的规定取 WGS 84；奥维 9.3 起导出的 KML、高德和 DataV 的数据其实是 GCJ-02，"
        "若是如此请加 --crs gcj02。",
        "“{name}” declares no coordinate system and was taken as WGS 84, as {format} prescribes. KML from Ovital 9.3 "
        "on and files of AMap or DataV are GCJ-02: if this is one, give --crs gcj02.",
    ),
    # writing
    "unknown-output-format": (
        "不会写“{name}”这种格式（{extension}）；可写的格式：{known}。",
        "“{name}” is of no format that can be written ({extension}); these can: {known}.",
    ),
    "no-such-folder": (
        "要写入的文件夹“{name}”不存在，请先建立。",
        "The folder “{name}” to write into does not exist; create it first.",
    ),
    "cannot-write": (
        "写不了“{name}”：{reason}。请检查权限和剩余空间；原有文件没有改动。",
        "“{name}” cannot be written: {reason}. Check permissions and free space; what was there is unchanged.",
    ),
}
