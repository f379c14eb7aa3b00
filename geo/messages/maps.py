"""Sentences of the room: maps."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "basemap-address": (
        "底图地址“{given}”不对：要有 {{z}}、{{x}}、{{y}}，此外只能有 {{key}}（并用 --key 给出），主机名里不能有。",
        "The address “{given}” is none of a base map: it needs {{z}}, {{x}} and {{y}}, may have {{key}} (given with "
        "--key), and none of them in the host.",
    ),
    "basemap-name-taken": (
        "已有名为“{name}”的底图。请换一个名字，或先运行 gridwarden basemap remove {name}。",
        "There is a base map “{name}” already. Take another name, or run gridwarden basemap remove {name} first.",
    ),
    "basemap-no-tile": (
        "底图“{name}”没有瓦片 {zoom}/{x}/{y}。",
        "The base map “{name}” has no tile {zoom}/{x}/{y}.",
    ),
    "basemap-not-bytes": (
        "“{name}”每个像素不是 8 位（{found}），不能直接显示。请先用 QGIS 或 gdal_translate -ot Byte -scale 转换。",
        "The pixels of “{name}” are not of 8 bits ({found}) and cannot be shown. Convert it with QGIS or "
        "gdal_translate -ot Byte -scale.",
    ),
    "basemap-not-placed": (
        "“{name}”没有坐标。请先在 QGIS 中配准，见文档 docs/base-maps.md。",
        "“{name}” has no coordinates. Georeference it in QGIS first: see docs/base-maps.md.",
    ),
    "basemap-service-down": (
        "底图“{name}”的服务没有回答，或回答的不是图片。请检查网络和密钥。",
        "The service of the base map “{name}” does not answer, or not with a picture. Check the network and the key.",
    ),
    "basemap-unknown": (
        "没有名为“{name}”的底图；现有：{known}。",
        "There is no base map “{name}”; there are: {known}.",
    ),
    "basemap-unreadable": (
        "“{name}”不能作为底图读取。可用：GeoTIFF、MBTiles（PNG、JPEG、WebP）、z/x/y 瓦片文件夹。",
        "“{name}” cannot be read as a base map. Use a GeoTIFF, MBTiles (PNG, JPEG, WebP) or a z/x/y folder.",
    ),
    "bundle-missing": (
        "缺少网页文件 maps/bundle/{name}；请在项目目录运行 make setup，"
        "或在 maps/web 目录运行 npm ci && npm run build。",
        "The page file maps/bundle/{name} is missing; run make setup in the project folder, "
        "or npm ci && npm run build in maps/web.",
    ),
    "bundle-file-unknown": (
        "没有“{name}”这个网页文件；现有：{known}。",
        "There is no page file “{name}”; there are: {known}.",
    ),
    "map-empty": (
        "没有可画的辖区：给出的 {count} 个辖区都没有边界。请检查 --level 和 --within。",
        "There is nothing to draw: none of the {count} areas given has a boundary. Check --level and --within.",
    ),
    "map-too-many-areas": (
        "一张地图最多画 {limit} 个辖区，这里有 {count} 个。请用 --within 缩小到一个区县、街道或社区，"
        "或用 --level 选上一级。",
        "One map holds at most {limit} areas, and these are {count}. Narrow it with --within to a county, town or "
        "community, or choose a higher level with --level.",
    ),
    "unknown-map-layer": (
        "没有“{layer}”这个图层；现有：{known}。",
        "There is no layer “{layer}”; there are: {known}.",
    ),
    "unknown-tile": (
        "没有瓦片 {zoom}/{x}/{y}：缩放级别最多 {deepest}，行列号从 0 到 2 的该级别次方减 1。",
        "There is no tile {zoom}/{x}/{y}: zooms end at {deepest}, and columns and rows at 2 to the power of the zoom.",
    ),
    "residences-too-many": (
        "这个范围内的住址超过 {most} 处。请放大地图，缩小范围。",
        "There are more than {most} residences in this box. Zoom in.",
    ),
    "scene-too-large": (
        "这个范围内有 {count} 个辖区，最多同时编辑 {most} 个。请放大地图，缩小范围。",
        "There are {count} areas in this box, and at most {most} can be edited at once. Zoom in.",
    ),
}
