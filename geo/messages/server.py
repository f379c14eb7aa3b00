"""Sentences of the room: server (the embedded PostgreSQL, its home, backup and restore)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "not-linux": (
        "内嵌数据库只能在 Linux 上运行（需要 /proc）。"
        "请设置 DATABASE_URL 指向一个 PostGIS，或使用 docker/compose.yaml。",
        "The embedded database runs on Linux only (it needs /proc). Point DATABASE_URL to a PostGIS, or use "
        "docker/compose.yaml.",
    ),
    "postgresql-missing": (
        "本机没有 PostgreSQL 服务器（需要 {oldest} 或更新）。请安装 Debian 软件包 postgresql-postgis，"
        "或设置 DATABASE_URL 指向别的服务器。",
        "This machine has no PostgreSQL server ({oldest} or newer is needed). Install the Debian package "
        "postgresql-postgis, or point DATABASE_URL to another server.",
    ),
    "postgresql-too-old": (
        "PostgreSQL {version} 太旧，需要 {oldest} 或更新。"
        "请安装 Debian 软件包 postgresql-{oldest}-postgis-3，或换一台服务器。",
        "PostgreSQL {version} is too old; {oldest} or newer is needed. Install the Debian package "
        "postgresql-{oldest}-postgis-3, or use another server.",
    ),
    "postgis-missing": (
        "PostgreSQL {version} 没有 PostGIS。请安装 Debian 软件包 postgresql-{major}-postgis-3。",
        "PostgreSQL {version} has no PostGIS. Install the Debian package postgresql-{major}-postgis-3.",
    ),
    "postgis-too-old": (
        "PostGIS {version} 太旧，需要 {oldest} 或更新。请升级软件包；若扩展在数据库中已建，"
        "再由管理员执行 ALTER EXTENSION postgis UPDATE。",
        "PostGIS {version} is too old; {oldest} or newer is needed. Upgrade its package; where the extension exists "
        "in the database already, have its administrator run ALTER EXTENSION postgis UPDATE.",
    ),
    "other-major": (
        "数据目录属于 PostgreSQL {data}，本机只有 {present}。请装回 postgresql-{data}-postgis-3；要换版本，"
        "先 gridwarden db backup，再 db reset、db start、db restore。",
        "The data belongs to PostgreSQL {data}, but this machine has {present}. Install postgresql-{data}-postgis-3 "
        "again; to change versions, run gridwarden db backup first, then db reset, db start and db restore.",
    ),
    "clients-missing": (
        "没有适合 PostgreSQL {major} 的 pg_dump、pg_restore 和 psql。请安装 Debian 软件包 postgresql-client-{major}。",
        "There are no pg_dump, pg_restore and psql for PostgreSQL {major}. Install the Debian package "
        "postgresql-client-{major}.",
    ),
    "no-unprivileged-user": (
        "PostgreSQL 不能以 root 运行，而本机没有可用的普通用户（找过：{known}）。请建立用户 postgres。",
        "PostgreSQL does not run as root, and this machine has no unprivileged user (looked for: {known}). "
        "Create the user postgres.",
    ),
    "cannot-become-user": (
        "系统不允许以用户 {user} 运行数据库：{reason}。请以普通用户运行，或设置 DATABASE_URL。",
        "The system does not let the database run as user {user}: {reason}. "
        "Run as an ordinary user, or set DATABASE_URL.",
    ),
    "home-missing": (
        "{home} 还没有数据库。请先运行 gridwarden db start，或检查 GRIDWARDEN_HOME。",
        "There is no database in {home} yet. Run gridwarden db start first, or check GRIDWARDEN_HOME.",
    ),
    "home-unusable": (
        "{path} 不能使用：{reason}。请检查路径和权限，或把 GRIDWARDEN_HOME 设为别的文件夹。",
        "{path} cannot be used: {reason}. Check the path and its permissions, "
        "or set GRIDWARDEN_HOME to another folder.",
    ),
    "home-unreachable": (
        "数据库用户 {user} 进不了 {folder}。请放开上级文件夹的进入权限（chmod o+x）。",
        "The database user {user} cannot enter {folder}. Let others walk through the folders above it (chmod o+x).",
    ),
    "home-of-another-user": (
        "{folder} 属于用户 {owner}。请以该用户（或 root）运行，或设置自己的 GRIDWARDEN_HOME。",
        "{folder} belongs to the user {owner}. Run as that user (or root), or set a GRIDWARDEN_HOME of your own.",
    ),
    "folder-of-another-user": (
        "{folder} 应是用户 {user} 的私有文件夹，却是链接、文件或属于他人。"
        "查清来历后删除它，再运行 gridwarden db start。",
        "{folder} should be a private folder of the user {user}, but is a link, a file or somebody else's. "
        "Find out who made it, remove it, and run gridwarden db start again.",
    ),
    "disk-full": (
        "磁盘已满，写不进 {path}。请腾出空间后重试；已有的数据没有改变。",
        "The disk is full: {path} cannot be written. Free some space and try again; the data there is unchanged.",
    ),
    "disk-too-small": (
        "{path} 只剩 {free_mib} MiB，新建数据库至少需要 {least_mib} MiB。"
        "请腾出空间，或把 GRIDWARDEN_HOME 设到别的磁盘。",
        "{path} has {free_mib} MiB left, and a new database needs {least_mib} MiB. Free some space, or set "
        "GRIDWARDEN_HOME to another disk.",
    ),
    "socket-path-too-long": (
        "套接字路径 {path} 有 {length} 字节，系统最多允许 {longest}。"
        "请把 GRIDWARDEN_SOCKET_DIR 设为更短的文件夹，或不设它。",
        "The socket's path {path} has {length} bytes; the system allows {longest}. Set GRIDWARDEN_SOCKET_DIR to a "
        "shorter folder, or unset it.",
    ),
    "cluster-not-made": (
        "PostgreSQL 没能在 {folder} 建立数据库，没有留下任何东西。它说：\n{reason}",
        "PostgreSQL could not make a database in {folder}; nothing was left behind. It said:\n{reason}",
    ),
    "data-missing": (
        "{home} 的数据目录 {data} 不见了。请找回该文件夹；"
        "若确实要重来，用 gridwarden db reset，再 db start 和 db restore。",
        "The data folder {data} of {home} is gone. Bring it back; to begin anew, run gridwarden db reset, then "
        "db start and db restore.",
    ),
    "data-damaged": (
        "数据目录 {data} 已损坏，数据库不能启动。"
        "请先复制一份保存，再用最近的备份：gridwarden db reset、db start、db restore。"
        "日志最后几行：\n{log}",
        "The data folder {data} is damaged and the database cannot start. Keep a copy of it, "
        "then use the latest backup: gridwarden db reset, db start, db restore. The last lines of its log:\n{log}",
    ),
    "server-not-started": (
        "数据库没有启动。日志 {path} 最后几行：\n{log}",
        "The database did not start. The last lines of its log {path}:\n{log}",
    ),
    "server-not-stopped": (
        "数据库（进程 {pid}）在 {seconds} 秒内没有停下。请稍候再运行 gridwarden db stop。",
        "The database (process {pid}) did not stop within {seconds} s. Wait a while and run gridwarden db stop again.",
    ),
    "reset-name-wrong": (
        "没有删除任何东西：给出的名称是“{given}”，而 {home} 的名称是“{expected}”。确实要删除，请用 --name {expected}。",
        "Nothing was deleted: the name given is “{given}”, but {home} is called “{expected}”. "
        "If you mean it, use --name {expected}.",
    ),
    "not-embedded": (
        "设置了 DATABASE_URL，{command} 只管内嵌数据库，因此不执行。要管内嵌数据库，请取消 DATABASE_URL。",
        "DATABASE_URL is set, and {command} is for the embedded database only, so nothing was done. "
        "Unset DATABASE_URL to manage the embedded one.",
    ),
    "schema-missing": (
        "数据库里还没有 Gridwarden 的表。请先运行 gridwarden db upgrade。",
        "The database has no tables of Gridwarden yet. Run gridwarden db upgrade first.",
    ),
    "backup-target-missing": (
        "文件夹 {folder} 不存在，备份没有写。请先建立它。",
        "There is no folder {folder}, so no backup was written. Make it first.",
    ),
    "backup-target-taken": (
        "{file} 已经存在，没有覆盖。请换一个文件名。",
        "{file} exists already and was not overwritten. Choose another name.",
    ),
    "backup-not-made": (
        "备份没有写成，没有留下文件。原因：{reason}",
        "The backup was not made, and no file was left behind. The reason: {reason}",
    ),
    "backup-unreadable": (
        "{file} 读不了：{reason}。",
        "{file} cannot be read: {reason}.",
    ),
    "backup-foreign": (
        "{file} 不是 gridwarden db backup 写的备份。什么也没有改变。",
        "{file} is not a backup written by gridwarden db backup. Nothing was changed.",
    ),
    "backup-damaged": (
        "备份 {file} 已损坏（{reason}），没有恢复，什么也没有改变。请使用另一份备份。",
        "The backup {file} is damaged ({reason}); nothing was restored or changed. Use another backup.",
    ),
    "backup-newer": (
        "备份 {file} 由更新的 Gridwarden 写成（结构版本 {revision}），什么也没有改变。请先升级本程序。",
        "The backup {file} was written by a newer Gridwarden (schema {revision}); nothing was changed. "
        "Upgrade this program first.",
    ),
    "restore-not-empty": (
        "只能恢复到空的数据库，而这里已有数据（{table}）。什么也没有改变。"
        "请另设 GRIDWARDEN_HOME，或先备份再 gridwarden db reset。",
        "A backup can be restored into an empty database only, and this one holds data ({table}). Nothing was changed. "
        "Set another GRIDWARDEN_HOME, or back up and run gridwarden db reset.",
    ),
    "restore-failed": (
        "恢复没有成功，什么也没有改变。原因：{reason}",
        "The restore did not succeed, and nothing was changed. The reason: {reason}",
    ),
}
