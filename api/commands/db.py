"""The command ``gridwarden db``: the embedded PostGIS, or the one that ``DATABASE_URL`` names."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from api.commands.options import described, printing
from api.settings import Settings
from api.words import word
from geo.errors import Refused
from geo.store.backup import backup
from geo.store.backup_file import read_manifest
from geo.store.cluster import Cluster, Status
from geo.store.migrate import upgrade
from geo.store.postgres import check_server, connect_plain, server_facts, server_name
from geo.store.restore import restore

Facts = Mapping[str, object]

_LABELS: Final = {
    "home": word("主目录", "home"),
    "note": word("说明", "note"),
    "server": word("服务器", "server"),
    "running": word("运行中", "running"),
    "pid": word("进程", "process"),
    "os_user": word("系统用户", "system user"),
    "data": word("数据目录", "data"),
    "socket": word("套接字目录", "socket"),
    "postgresql": "PostgreSQL",
    "postgis": "PostGIS",
    "edition": word("期号", "edition"),
    "size_bytes": word("大小（字节）", "size (bytes)"),
    "revision": word("结构版本", "schema"),
    "file": word("文件", "file"),
    "created": word("备份时间", "made at"),
    "done": word("结果", "result"),
}


@click.group(
    help=described(
        "管理内嵌的 PostGIS 数据库（设了 DATABASE_URL 时则是它所指的数据库）。",
        "Manage the embedded PostGIS, or where DATABASE_URL is set, the database it names.",
        "gridwarden db start",
    )
)
def db_command() -> None:
    """Hold the commands."""


@db_command.command(
    help=described(
        "启动内嵌数据库；第一次会建立主目录和表。已在运行时什么也不做。",
        "Start the embedded database; the first time, make its home and tables. Does nothing where it runs.",
        "GRIDWARDEN_HOME=/srv/gridwarden gridwarden db start",
    )
)
@printing
def start(as_json: bool) -> None:
    """Start the embedded database."""
    cluster = _embedded("db start")
    cluster.create()
    url = cluster.start()
    with connect_plain(url) as connection:
        is_new = server_facts(connection).edition is None
    if is_new:
        upgrade(url)
    _show(_described(cluster.status()), as_json)


@db_command.command(
    help=described(
        "停止内嵌数据库。没有运行时什么也不做。",
        "Stop the embedded database. Does nothing where it does not run.",
        "gridwarden db stop",
    )
)
@printing
def stop(as_json: bool) -> None:
    """Stop the embedded database."""
    cluster = _embedded("db stop")
    stopped = cluster.stop()
    done = word("已停止", "stopped") if stopped else word("本来就没有运行", "it was not running")
    _show({"home": cluster.home.folder, "done": done, "running": False}, as_json)


@db_command.command(
    help=described(
        "显示数据库的状态。内嵌数据库没有运行时退出码为 1。",
        "Show the state of the database. The exit code is 1 where the embedded one does not run.",
        "gridwarden db status --json",
    )
)
@printing
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show the state of the database."""
    settings = Settings.from_environment()
    if settings.database_url is not None:
        with connect_plain(settings.database_url) as connection:
            check_server(connection)
            facts = server_facts(connection)
        _show({**_where(settings), "running": True, **asdict(facts)}, as_json)
        return
    found = Cluster(settings.home).status()
    _show(_described(found), as_json)
    context.exit(0 if found.running else 1)


@db_command.command(
    "upgrade",
    help=described(
        "把表升级到本程序需要的版本。",
        "Bring the tables to the version that this program needs.",
        "gridwarden db upgrade",
    ),
)
@printing
def upgrade_command(as_json: bool) -> None:
    """Upgrade the tables."""
    settings = Settings.from_environment()
    url = _owner_url(settings)
    with connect_plain(url) as connection:
        check_server(connection)
    if settings.database_url is None:
        Cluster(settings.home).update_extensions()
    _show({**_where(settings), "revision": upgrade(url)}, as_json)


@db_command.command(
    help=described(
        "删除内嵌数据库及其全部数据。须用 --name 给出主目录的名称。",
        "Delete the embedded database with all its data. --name must be the name of the home folder.",
        "gridwarden db reset --name gridwarden",
    )
)
@click.option("--name", help=word("主目录的名称，用作确认", "the name of the home folder, as confirmation"))
@printing
def reset(name: str | None, as_json: bool) -> None:
    """Delete the embedded database."""
    cluster = _embedded("db reset")
    cluster.home.require()
    if name is None and sys.stdin.isatty():
        click.echo(word("将删除全部数据：", "This deletes all data in ") + str(cluster.home.folder), err=True)
        name = click.prompt(word("请输入主目录的名称以确认", "Type the name of the home folder to confirm"), err=True)
    cluster.reset(name or "")
    _show({"home": cluster.home.folder, "done": word("已删除", "deleted")}, as_json)


@db_command.command(
    "backup",
    help=described(
        "写一个经过校验的备份文件，文件名含期号。FILE 可以是文件夹。备份时可照常导入。",
        "Write one verified backup file with the edition in its name. FILE may be a folder. Imports may go on.",
        "gridwarden db backup /srv/backups",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@printing
def backup_command(file: Path, as_json: bool) -> None:
    """Write a backup."""
    settings = Settings.from_environment()
    written = backup(_owner_url(settings), file)
    manifest = read_manifest(written)
    facts = {
        "file": written,
        "edition": manifest.edition,
        "created": manifest.created,
        "size_bytes": manifest.size_bytes,
    }
    _show({**_where(settings), **facts}, as_json)


@db_command.command(
    "restore",
    help=described(
        "把备份恢复到空的数据库（先运行 gridwarden db start）。损坏的备份会被拒绝，什么也不改变。",
        "Restore a backup into an empty database (run gridwarden db start first). "
        "A damaged one is refused and nothing is changed.",
        "gridwarden db restore /srv/backups/gridwarden-edition-000042-20261121T101500.gwbackup",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@printing
def restore_command(file: Path, as_json: bool) -> None:
    """Restore a backup."""
    settings = Settings.from_environment()
    url = _owner_url(settings)
    manifest = restore(file, url)
    facts = {"file": file, "edition": manifest.edition, "created": manifest.created, "revision": upgrade(url)}
    _show({**_where(settings), **facts}, as_json)


def _embedded(command: str) -> Cluster:
    settings = Settings.from_environment()
    if settings.database_url is not None:
        raise Refused("not-embedded", command=f"gridwarden {command}")
    return Cluster(settings.home)


def _owner_url(settings: Settings) -> str:
    return settings.database_url or Cluster(settings.home).url("owner")


def _where(settings: Settings) -> Facts:
    """Return the home, and where it is not in use, which server is: without its password."""
    home = Cluster(settings.home).home.folder
    if settings.database_url is None:
        return {"home": home}
    named = server_name(settings.database_url)
    note = word("设置了 DATABASE_URL，主目录未使用", "DATABASE_URL is set, so the home is not in use")
    return {"home": home, "note": note, "server": named}


def _described(found: Status) -> Facts:
    facts: dict[str, object] = {"home": found.home}
    if not found.data.is_relative_to(found.home):
        facts["note"] = word(
            f"系统用户 {found.os_user} 进不了主目录，所以数据放在别处",
            f"the system user {found.os_user} cannot reach the home, so the data lies elsewhere",
        )
    names = ("running", "pid", "os_user", "data", "socket")
    facts |= {name: getattr(found, name) for name in names}
    return facts | (asdict(found.facts) if found.facts else {})


def _show(facts: Facts, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for name, value in facts.items():
        if value is not None:
            click.echo(f"{_LABELS[name]}: {_spoken(value)}")


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return word("是", "yes") if value else word("否", "no")
    return str(value)
