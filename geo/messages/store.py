"""Sentences of the store: connections, migrations, publishing."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "database-unreachable": (
        "连接不上数据库：{reason}。请先运行 gridwarden db start，或检查 DATABASE_URL。",
        "The database cannot be reached: {reason}. Run gridwarden db start first, or check DATABASE_URL.",
    ),
    "extension-missing": (
        "数据库缺少扩展 {extension}，且当前账号无权创建。请由管理员执行 CREATE EXTENSION {extension}。",
        "The database lacks the extension {extension}, and this role may not create it. "
        "Ask its administrator to run CREATE EXTENSION {extension}.",
    ),
}
