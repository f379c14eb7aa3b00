"""Sentences of the room: maps."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
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
