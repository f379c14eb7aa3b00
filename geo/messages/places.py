"""Sentences of the room: places (the invented sample city)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "sample-size": (
        "示例城市的网格数应在 {least} 到 {most} 之间，现在是 {grids}；请改 --grids。",
        "A sample city has from {least} to {most} grids, not {grids}; change --grids.",
    ),
    "sample-not-a-folder": (
        "“{folder}”不是文件夹，示例城市无法写入；请用 --out 指定一个文件夹。",
        "“{folder}” is not a folder, so the sample city cannot be written there; name a folder with --out.",
    ),
    "sample-folder-in-use": (
        "文件夹“{folder}”里已有其他文件（如“{file}”），为免混入虚构数据，没有写入；"
        "请用 --out 指定新的、空的或以前生成示例的文件夹。",
        "The folder “{folder}” holds other files (such as “{file}”); nothing was written, so that invented data "
        "do not mix with them. Name a new, an empty or an earlier sample's folder with --out.",
    ),
}
