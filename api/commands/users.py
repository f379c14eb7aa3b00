"""The command ``gridwarden user``: accounts and what they may do where."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import Connection

from api.commands.identifying import PASSWORD, write_down
from api.commands.options import described, opened, operator, print_json, printing
from api.settings import Settings
from api.words import word
from geo.access import ROLES, Principal
from geo.access import operator as machine_user
from geo.store.accounts import (
    Account,
    add_account,
    disable_account,
    enable_account,
    grant,
    list_accounts,
    one_account,
    set_password,
    take_back,
)


@click.group(
    help=described(
        "账号：谁可以登录，在哪个辖区有什么角色。有了第一个账号，修改就须登录或出示令牌。",
        "Accounts: who may sign in, with which role in which area. From the first one on, every change takes signing "
        "in or a token.",
        "gridwarden user add 李四 --role planner --within 511402",
    )
)
def user_command() -> None:
    """Hold the commands."""


def _granting(command: Any) -> Any:
    """Add ``--role`` and ``--within``."""
    within = click.option("--within", metavar="CODE", help=word("只在此辖区及其以下", "in this area and all below it"))
    roles = click.option(
        "--role", "roles", multiple=True, type=click.Choice(ROLES), help=word("角色，可多次", "role, may be repeated")
    )
    return roles(within(command))


@contextmanager
def _at_work(subject: str) -> Iterator[tuple[Connection, Settings]]:
    """Open a transaction, and write down what was done in it."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        with connection.begin():
            yield connection, settings
        write_down(connection, _machine_user(), subject)


def _machine_user() -> Principal:
    return machine_user(operator())


@user_command.command(
    "add",
    help=described(
        "新建账号。密码从终端读入，或取自环境变量 GRIDWARDEN_PASSWORD。",
        "Make an account. Its password is read from the terminal, or from the variable GRIDWARDEN_PASSWORD.",
        "gridwarden user add 王五 --role approver --within 511402",
    ),
)
@click.argument("name")
@_granting
@printing
def add_command(name: str, roles: tuple[str, ...], within: str | None, as_json: bool) -> None:
    """Make an account."""
    password = _new_password(name)
    with _at_work(name) as (connection, settings):
        account = add_account(connection, name, password=password)
        account = grant(connection, account, roles, within, three_officers=settings.guarding.three_officers)
    _show([account], as_json)


@user_command.command(
    "passwd",
    help=described(
        "更改密码；已登录的会话全部结束。", "Change a password; all sessions end.", "gridwarden user passwd 王五"
    ),
)
@click.argument("name")
@printing
def passwd_command(name: str, as_json: bool) -> None:
    """Change a password."""
    password = _new_password(name)
    with _at_work(name) as (connection, _):
        account = one_account(connection, name)
        set_password(connection, account, password)
    _show([account], as_json)


@user_command.command(
    "disable",
    help=described(
        "停用账号，并结束它的会话；账号不会删除。",
        "Let an account sign in no more, and end its sessions; accounts are never deleted.",
        "gridwarden user disable 王五",
    ),
)
@click.argument("name")
@printing
def disable_command(name: str, as_json: bool) -> None:
    """Disable an account."""
    with _at_work(name) as (connection, _):
        disable_account(connection, one_account(connection, name))
        account = one_account(connection, name)
    _show([account], as_json)


@user_command.command(
    "enable",
    help=described(
        "重新启用账号，也解除密码输错后的锁定。",
        "Let an account sign in again, also after too many wrong passwords.",
        "gridwarden user enable 王五",
    ),
)
@click.argument("name")
@printing
def enable_command(name: str, as_json: bool) -> None:
    """Enable an account."""
    with _at_work(name) as (connection, _):
        enable_account(connection, one_account(connection, name))
        account = one_account(connection, name)
    _show([account], as_json)


@user_command.command(
    "grant",
    help=described(
        "给账号角色，或用 --revoke 收回：在某辖区及其以下，不写 --within 则为全市。",
        "Give an account roles, or take them back with --revoke: in an area and all below it, everywhere without "
        "--within.",
        "gridwarden user grant 王五 --role approver --within 511402",
    ),
)
@click.argument("name")
@_granting
@click.option("--revoke", is_flag=True, help=word("收回", "take the roles back"))
@printing
def grant_command(name: str, roles: tuple[str, ...], within: str | None, revoke: bool, as_json: bool) -> None:
    """Change the roles of an account."""
    with _at_work(name) as (connection, settings):
        account = one_account(connection, name)
        if revoke:
            account = take_back(connection, account, roles, within)
        else:
            account = grant(connection, account, roles, within, three_officers=settings.guarding.three_officers)
    _show([account], as_json)


@user_command.command(
    "list",
    help=described(
        "列出账号和角色。一个也没有时退出码为 1。",
        "List accounts and roles. Exit code 1 where there are none.",
        "gridwarden user list --json",
    ),
)
@printing
def list_command(as_json: bool) -> None:
    """List the accounts."""
    with opened(Settings.from_environment()) as connection:
        found = list_accounts(connection)
    _show(found, as_json)
    if not found and not as_json:
        click.echo(word("没有账号：人人都可以做任何事。", "There are no accounts: everybody may do everything."))
    click.get_current_context().exit(0 if found else 1)


def _new_password(name: str) -> str:
    given = os.environ.get(PASSWORD)
    if given:
        return given
    asked = word(f"{name} 的新密码", f"New password of {name}")
    again = word("再输入一次", "Repeat it")
    return str(click.prompt(asked, hide_input=True, confirmation_prompt=again, err=True))


def _show(accounts: list[Account], as_json: bool) -> None:
    if as_json:
        print_json([_document(one) for one in accounts])
        return
    for one in accounts:
        roles = ", ".join(f"{held.role}@{held.code or '*'}" for held in one.held) or "–"
        state = word("（已停用）", " (disabled)") if one.disabled_at else ""
        click.echo(f"{one.name}{state}  {roles}")


def _document(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "roles": [{"role": held.role, "within": held.code} for held in account.held],
        "issuer": account.issuer,
        "created_at": account.created_at.isoformat(),
        "disabled_at": account.disabled_at and account.disabled_at.isoformat(),
    }
