"""The command ``gridwarden token``: what programs show to be let in."""

from datetime import timedelta
from typing import Any

import click

from api.commands.identifying import write_down
from api.commands.options import described, opened, operator, print_json, printing
from api.settings import Settings
from api.words import word
from geo.access import SCOPES
from geo.access import operator as machine_user
from geo.store.editions import present
from geo.store.tokens import NewToken, Token, create_token, list_tokens, revoke_token

LONGEST_DAYS = 3660


@click.group(
    help=described(
        "应用程序的令牌：范围、辖区、频率、期限。令牌只在建立时显示一次。",
        "Tokens for programs: scopes, areas, rates and an end. A token is shown once, when it is made.",
        "gridwarden token create 12345热线 --scope locate --days 365",
    )
)
def token_command() -> None:
    """Hold the commands."""


@token_command.command(
    "create",
    help=described(
        "建立令牌，并显示它（只此一次）。范围：locate 定位，read 读取，write 编制和台账，contacts 联系方式。",
        "Make a token and show it, this once. Scopes: locate, read, write (drafts and ledgers), contacts (names and "
        "numbers).",
        "gridwarden token create hotline --scope locate --within 511402 --per-minute 600 --days 365",
    ),
)
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help=word("范围，可多次", "scope")
)
@click.option("--within", "codes", multiple=True, metavar="CODE", help=word("只限此辖区，可多次", "in this area only"))
@click.option("--per-minute", type=click.IntRange(min=1), help=word("每分钟最多几次请求", "requests a minute at most"))
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), help=word("几天后到期", "days until it expires"))
@printing
def create_command(
    name: str,
    scopes: tuple[str, ...],
    codes: tuple[str, ...],
    per_minute: int | None,
    days: int | None,
    as_json: bool,
) -> None:
    """Make a token and show it."""
    with opened(Settings.from_environment()) as connection:
        with connection.begin():
            end = None if days is None else present(connection).at + timedelta(days=days)
            token, secret = create_token(connection, NewToken(name, scopes, codes, per_minute, end), operator())
        write_down(connection, machine_user(operator()), token.name, scopes=list(token.scopes))
    if as_json:
        print_json({**_document(token), "token": secret})
        return
    _show([token])
    click.echo(word("令牌（不会再显示，请妥善保存）：", "The token, which is not shown again:"))
    click.echo(secret)


@token_command.command(
    "list",
    help=described(
        "列出令牌（不含令牌本身）。一个也没有时退出码为 1。",
        "List the tokens, without their secrets. Exit code 1 where there are none.",
        "gridwarden token list --json",
    ),
)
@printing
def list_command(as_json: bool) -> None:
    """List the tokens."""
    with opened(Settings.from_environment()) as connection:
        found = list_tokens(connection)
    if as_json:
        print_json([_document(one) for one in found])
    else:
        _show(found)
    click.get_current_context().exit(0 if found else 1)


@token_command.command(
    "revoke",
    help=described("撤销令牌，立即生效。", "Revoke a token, at once.", "gridwarden token revoke hotline"),
)
@click.argument("name")
@printing
def revoke_command(name: str, as_json: bool) -> None:
    """Revoke a token."""
    with opened(Settings.from_environment()) as connection:
        with connection.begin():
            token = revoke_token(connection, name)
        write_down(connection, machine_user(operator()), token.name)
    if as_json:
        print_json(_document(token))
    else:
        _show([token])


def _show(tokens: list[Token]) -> None:
    for one in tokens:
        ends = one.expires_at.date().isoformat() if one.expires_at else word("无期限", "no end")
        state = word("（已撤销）", " (revoked)") if one.revoked_at else ""
        where = ", ".join(one.codes) if one.codes is not None else "*"
        click.echo(f"{one.name}{state}  {', '.join(one.scopes)}  {where}  {ends}")


def _document(token: Token) -> dict[str, Any]:
    return {
        "name": token.name,
        "scopes": list(token.scopes),
        "within": None if token.codes is None else list(token.codes),
        "per_minute": token.per_minute,
        "created_at": token.created_at.isoformat(),
        "created_by": token.created_by,
        "expires_at": token.expires_at and token.expires_at.isoformat(),
        "revoked_at": token.revoked_at and token.revoked_at.isoformat(),
    }
