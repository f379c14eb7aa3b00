"""The tables, as GeoAlchemy2 knows them; ``migrations/*.sql`` creates them, and a test compares the two."""

from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE

SCHEMA: Final = "gridwarden"
APP_ROLE: Final = "gridwarden_app"
SRID: Final = 4490

METADATA: Final = MetaData(schema=SCHEMA)


def _key() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _edition() -> Column[int]:
    return Column("edition", BigInteger, ForeignKey("gridwarden.edition.id"), nullable=False)


def _valid() -> Column[object]:
    return Column("valid", TSTZRANGE, nullable=False)


def _shape(kind: str, *, nullable: bool = False) -> Column[object]:
    return Column("geom", Geometry(kind, srid=SRID, spatial_index=False), nullable=nullable)


def _reference(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(f"gridwarden.{target}.id"), nullable=nullable)


EDITION: Final = Table(
    "edition",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("approval", Text, nullable=False),
    Column("reason", Text),
    Column("inputs", JSONB, nullable=False, server_default="[]"),
    Column("report", JSONB, nullable=False, server_default="{}"),
)

EDITION_NOW: Final = Table(
    "edition_now",
    METADATA,
    Column("only_row", Boolean, primary_key=True),
    Column("edition", BigInteger, nullable=False),
)

AREA: Final = Table("area", METADATA, _key(), Column("level", Text, nullable=False))

AREA_VERSION: Final = Table(
    "area_version",
    METADATA,
    _key(),
    _reference("area_id", "area"),
    Column("code", Text, nullable=False),
    Column("local_code", Text),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="general"),
    Column("category", Text),
    _reference("parent_id", "area", nullable=True),
    _shape("MULTIPOLYGON", nullable=True),
    Column("area_m2", Double),
    Column("not_subdivided", Boolean, nullable=False, server_default="false"),
    Column("fully_divided", Boolean, nullable=False, server_default="false"),
    Column("noded", Boolean, nullable=False, server_default="false"),
    Column("source_digest", LargeBinary),
    # Triggers compare it with the register, a whole statement at once.
    Column("edition", BigInteger, nullable=False),
    _valid(),
)

PERSON: Final = Table(
    "person",
    METADATA,
    _key(),
    Column("name", Text),
    Column("phone", Text),
    Column("erased", Boolean, nullable=False, server_default="false"),
)

TEAM: Final = Table(
    "team",
    METADATA,
    _key(),
    _reference("area_id", "area"),
    Column("name", Text, nullable=False),
    _edition(),
    _valid(),
)

TEAM_MEMBER: Final = Table(
    "team_member",
    METADATA,
    Column("team_id", BigInteger, ForeignKey("gridwarden.team.id"), primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    _reference("person_id", "person"),
    Column("role", Text, nullable=False),
    Column("role_text", Text),
)

RESIDENCE: Final = Table(
    "residence",
    METADATA,
    _key(),
    Column("address", Text, nullable=False),
    Column("estate", Text),
    Column("building", Text),
    Column("unit", Text),
    Column("households", Integer, nullable=False),
    Column("residents", Integer),
    _reference("leader_id", "person", nullable=True),
    _reference("area_id", "area", nullable=True),
    _shape("POINT", nullable=True),
    _edition(),
    _valid(),
)

FACILITY: Final = Table(
    "facility",
    METADATA,
    _key(),
    Column("code", Text),
    Column("category", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text),
    _shape("POINT"),
    _edition(),
    _valid(),
)

OVERLAY: Final = Table(
    "overlay",
    METADATA,
    _key(),
    Column("layer", Text, nullable=False),
    Column("code", Text),
    Column("name", Text, nullable=False),
    _shape("MULTIPOLYGON"),
    _edition(),
    _valid(),
)

ACCEPTED_FINDING: Final = Table(
    "accepted_finding",
    METADATA,
    _key(),
    Column("finding_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("codes", ARRAY(Text), nullable=False),
    _shape("GEOMETRY", nullable=True),
    Column("area_m2", Double, nullable=False),
    Column("baseline", Text),
    Column("reason", Text, nullable=False),
    Column("accepted_by", Text, nullable=False),
    Column("accepted_at", DateTime(timezone=True), nullable=False),
    Column("until", Date),
    _edition(),
    Column("accepted_via", Text, nullable=False, server_default="command"),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", Text),
    Column("revoked_via", Text),
    Column("revoke_reason", Text),
    Column("area_ids", ARRAY(BigInteger), nullable=False, server_default="{}"),
)

PLAN: Final = Table(
    "plan",
    METADATA,
    _key(),
    Column("title", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="operations"),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    Column("draft", Integer, nullable=False, server_default="0"),
    Column("effective_date", Date),
    Column("publish_not_before", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    _reference("reverts", "edition", nullable=True),
    _reference("edition", "edition", nullable=True),
)

PLAN_DRAFT: Final = Table(
    "plan_draft",
    METADATA,
    Column("plan_id", BigInteger, ForeignKey("gridwarden.plan.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("parent", Integer, nullable=False),
    Column("operations", JSONB, nullable=False),
    Column("base_edition", BigInteger, nullable=False),
    Column("seen", JSONB, nullable=False, server_default="{}"),
    Column("outcome", JSONB, nullable=False, server_default="{}"),
    Column("digest", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

PLAN_EVENT: Final = Table(
    "plan_event",
    METADATA,
    _key(),
    _reference("plan_id", "plan"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("draft", Integer, nullable=False),
    Column("reason", Text),
    Column("details", JSONB, nullable=False, server_default="{}"),
)

PLAN_AREA: Final = Table(
    "plan_area",
    METADATA,
    Column("plan_id", BigInteger, primary_key=True),
    Column("draft", Integer, primary_key=True),
    Column("area_id", BigInteger, primary_key=True),
    Column("ends", Boolean, nullable=False, server_default="false"),
    Column("level", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("local_code", Text),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("category", Text),
    Column("parent_id", BigInteger),
    _shape("MULTIPOLYGON", nullable=True),
    Column("area_m2", Double),
    Column("not_subdivided", Boolean, nullable=False, server_default="false"),
    Column("fully_divided", Boolean, nullable=False, server_default="false"),
    Column("noded", Boolean, nullable=False, server_default="false"),
    Column("source_digest", LargeBinary),
    ForeignKeyConstraint(["plan_id", "draft"], ["gridwarden.plan_draft.plan_id", "gridwarden.plan_draft.number"]),
)

LINEAGE: Final = Table(
    "lineage",
    METADATA,
    _key(),
    _edition(),
    _reference("plan_id", "plan", nullable=True),
    Column("operation", Text, nullable=False),
    _reference("from_id", "area", nullable=True),
    _reference("to_id", "area", nullable=True),
    Column("area_m2", Double, nullable=False),
    Column("share_of_from", Double),
    Column("share_of_to", Double),
    Column("households", BigInteger),
)

STREET: Final = Table(
    "street",
    METADATA,
    _key(),
    Column("way_id", BigInteger, nullable=False),
    Column("class", Text, nullable=False),
    Column("steps", Boolean, nullable=False),
    Column("layer", SmallInteger, nullable=False),
    Column("incline", Double, nullable=False),
    _shape("LINESTRING"),
    _edition(),
    _valid(),
)

CIRCLE: Final = Table(
    "circle",
    METADATA,
    _key(),
    _reference("facility_id", "facility"),
    Column("profile", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("limit_m", Double, nullable=False),
    Column("means", Text, nullable=False),
    Column("reason", Text),
    Column("snapped_m", Double),
    Column("area_m2", Double),
    _shape("MULTIPOLYGON", nullable=True),
    _edition(),
    _valid(),
)

CIRCLE_BASIS: Final = Table(
    "circle_basis",
    METADATA,
    Column("profile", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("edition", BigInteger, nullable=False),
)

PLACE_STEM: Final = Table("place_stem", METADATA, _key(), Column("text", Text, nullable=False))

PLACE_KEY: Final = Table(
    "place_key",
    METADATA,
    _reference("stem_id", "place_stem"),
    Column("key", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
)

PLACE_NAME: Final = Table(
    "place_name",
    METADATA,
    Column("name", Text, primary_key=True),
    _reference("stem_id", "place_stem"),
    Column("digits", Text, nullable=False),
)

PLACE_ALIAS: Final = Table(
    "place_alias",
    METADATA,
    _key(),
    Column("alias", Text, nullable=False),
    Column("name", Text),
    Column("code", Text),
    _edition(),
    _valid(),
)
