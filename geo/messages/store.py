"""Sentences of the store: connections, migrations, publishing."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "database-unreachable": (
        "连接不上数据库：{reason}。请先运行 gridwarden db start，或检查 DATABASE_URL。",
        "The database cannot be reached: {reason}. Run gridwarden db start first, or check DATABASE_URL.",
    ),
    "database-refused": (
        "数据库的规则不允许这样写入，什么都没有改变：{reason}。",
        "A rule of the database forbids this, and nothing was changed: {reason}.",
    ),
    "extension-missing": (
        "数据库缺少扩展 {extension}，且当前账号无权创建。请由管理员执行 CREATE EXTENSION {extension}。",
        "The database lacks the extension {extension}, and this role may not create it. "
        "Ask its administrator to run CREATE EXTENSION {extension}.",
    ),
    "unknown-edition": (
        "没有第 {edition} 期；最新一期是第 {newest} 期。",
        "There is no edition {edition}; the newest is {newest}.",
    ),
    "edition-moved": (
        "准备期间另有发布：依据第 {expected} 期准备，现在是第 {present} 期。请重新运行，不会丢失任何数据。",
        "Something was published meanwhile: this was prepared on edition {expected}, now it is {present}. "
        "Run it again; nothing is lost.",
    ),
    "unknown-area": (
        "没有编码为“{code}”的区域（在所问的时刻）。",
        "No area has the code “{code}” at the moment asked for.",
    ),
    "index-damaged": (
        "索引文件 {path} 不完整或被改动过；会从数据库重建，不必处理。",
        "The index file {path} is not whole or was changed. It is built again from the database; nothing need be done.",
    ),
    "schema-differs": (
        "数据库结构版本是 {found}，本程序需要 {needed}。请运行 gridwarden db upgrade。",
        "The schema of the database is {found}, and this program needs {needed}. Run gridwarden db upgrade.",
    ),
}
