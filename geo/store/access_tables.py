"""The tables of accounts, sessions, tokens and the audit trail, as SQLAlchemy knows them."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Identity, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from geo.store.schema import METADATA


def _key() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


ACCOUNT: Final = Table(
    "account",
    METADATA,
    _key(),
    Column("name", Text, nullable=False),
    Column("password", Text),
    Column("issuer", Text),
    Column("subject", Text),
    Column("failures", ARRAY(DateTime(timezone=True)), nullable=False, server_default="{}"),
    _moment("created_at"),
    _moment("disabled_at", nullable=True),
)

ACCOUNT_GRANT: Final = Table(
    "account_grant",
    METADATA,
    _key(),
    Column("account_id", BigInteger, ForeignKey("gridwarden.account.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("area_id", BigInteger, ForeignKey("gridwarden.area.id")),
)

SESSION: Final = Table(
    "session",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("gridwarden.account.id"), nullable=False),
    _moment("opened_at"),
    _moment("seen_at"),
    _moment("expires_at"),
)

TOKEN: Final = Table(
    "token",
    METADATA,
    _key(),
    Column("name", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("area_ids", ARRAY(BigInteger)),
    Column("per_minute", Integer),
    _moment("created_at"),
    Column("created_by", Text, nullable=False),
    _moment("expires_at", nullable=True),
    _moment("revoked_at", nullable=True),
)

ACCESS_NOW: Final = Table(
    "access_now",
    METADATA,
    Column("only_row", Boolean, primary_key=True, server_default="true"),
    Column("version", BigInteger, nullable=False),
)

TRAIL: Final = Table(
    "trail",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    Column("actor", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

TRAIL_HEAD: Final = Table(
    "trail_head",
    METADATA,
    Column("only_row", Boolean, primary_key=True, server_default="true"),
    Column("number", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
