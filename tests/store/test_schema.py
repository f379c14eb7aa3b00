"""The catalogue: what the migrations make is what the code knows, and the app's role can break no promise."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from geo.store.schema import METADATA, SCHEMA

QUEUE = "procrastinate"
"""Tables of the queue: theirs, not ours."""
WITHOUT_MODEL = (QUEUE, "job_progress", "alembic_version")

UNIQUE_BY_RULE = {
    ("area_version", "EXCLUDE USING gist (area_id WITH =, valid WITH &&)"),
    ("team", "EXCLUDE USING gist (area_id WITH =, valid WITH &&)"),
}
CHECKS = {
    ("accepted_finding", "CHECK ((accepted_via = ANY (ARRAY['command'::text, 'http'::text])))"),
    ("accepted_finding", "CHECK ((num_nulls(revoked_at, revoked_by, revoked_via, revoke_reason) = ANY (ARRAY[0, 4])))"),
    ("accepted_finding", "CHECK ((revoked_via = ANY (ARRAY['command'::text, 'http'::text])))"),
    ("area_version", "CHECK ((code <> ''::text))"),
    ("area_version", "CHECK ((kind = ANY (ARRAY['general'::text, 'special'::text])))"),
    ("area_version", "CHECK ((lower_inc(valid) AND (NOT lower_inf(valid)) AND (NOT upper_inc(valid))))"),
    (
        "edition",
        "CHECK ((kind = ANY (ARRAY['boundaries'::text, 'teams'::text, 'residences'::text, 'facilities'::text, "
        "'overlays'::text])))",
    ),
    ("edition", "CHECK ((id > 0))"),
    ("edition_now", "CHECK (only_row)"),
    ("job_progress", "CHECK ((done >= 0))"),
    ("job_progress", "CHECK ((total >= done))"),
    ("residence", "CHECK ((households >= 0))"),
    ("residence", "CHECK ((residents >= 0))"),
    (
        "team_member",
        "CHECK ((role = ANY (ARRAY['grid_worker'::text, 'community_worker'::text, 'police_officer'::text, "
        "'other'::text])))",
    ),
}
RIGHTS = {
    "accepted_finding": {"SELECT", "INSERT", "UPDATE(revoke_reason,revoked_at,revoked_by,revoked_via)"},
    "alembic_version": {"SELECT"},
    "area": {"SELECT", "INSERT"},
    "area_version": {"SELECT", "INSERT", "UPDATE(valid)"},
    "edition": {"SELECT", "INSERT"},
    "edition_now": {"SELECT", "UPDATE(edition)"},
    "facility": {"SELECT", "INSERT", "UPDATE(valid)"},
    "job_progress": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "overlay": {"SELECT", "INSERT", "UPDATE(valid)"},
    "person": {"SELECT", "INSERT", "DELETE", "UPDATE(erased,name,phone)"},
    "residence": {"SELECT", "INSERT", "UPDATE(valid)"},
    "team": {"SELECT", "INSERT", "UPDATE(valid)"},
    "team_member": {"SELECT", "INSERT"},
}


@pytest.fixture
def catalogue(owner_url):
    with psycopg.connect(owner_url) as connection:
        yield connection


def test_tables_columns_and_references_are_those_that_the_code_knows(owner_url):
    def ours(thing, name, kind, _reflected, _compared):
        if kind in ("index", "unique_constraint"):
            return False
        return getattr(thing, "schema", SCHEMA) == SCHEMA and not (name or "").startswith(WITHOUT_MODEL)

    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
        "include_object": ours,
        "compare_type": True,
        "version_table_schema": SCHEMA,
    }
    # not through our own door: with our schema on the path, reflection would leave it out of every name
    engine = create_engine(make_url(owner_url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    # comments stand in the migrations alone
    assert [one for one in differences if "comment" not in str(one[0] if isinstance(one, tuple) else one[0][0])] == []


@pytest.mark.parametrize(("kind", "expected"), [("x", UNIQUE_BY_RULE), ("c", CHECKS)])
def test_constraints_are_those_of_the_golden_list(catalogue, kind, expected):
    rows = catalogue.execute(
        "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = %s "
        "AND connamespace = 'gridwarden'::regnamespace",
        [kind],
    )
    found = {(table.removeprefix("gridwarden."), rule) for table, rule in rows if QUEUE not in table}
    assert found == expected


def test_one_area_a_code_at_a_time(catalogue):
    (rule,) = catalogue.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'area_version_code_now'").fetchone()
    assert rule == (
        "CREATE UNIQUE INDEX area_version_code_now ON gridwarden.area_version USING btree (code) WHERE upper_inf(valid)"
    )


class TestTheAppsRole:
    def test_may_do_what_the_golden_list_says(self, catalogue):
        tables = catalogue.execute(
            "SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a "
            "WHERE c.relnamespace = 'gridwarden'::regnamespace AND c.relkind = 'r' "
            "AND a.grantee = 'gridwarden_app'::regrole"
        ).fetchall()
        columns = catalogue.execute(
            "SELECT c.relname, a.privilege_type || '(' || string_agg(t.attname, ',' ORDER BY t.attname) || ')' "
            "FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a "
            "WHERE c.relnamespace = 'gridwarden'::regnamespace AND a.grantee = 'gridwarden_app'::regrole "
            "GROUP BY c.relname, a.privilege_type"
        ).fetchall()
        rights: dict[str, set[str]] = {}
        for table, right in [*tables, *columns]:
            if not table.startswith(QUEUE):
                rights.setdefault(table, set()).add(right)
        assert rights == RIGHTS

    def test_owns_nothing(self, catalogue):
        owned = catalogue.execute("SELECT relname FROM pg_class WHERE relowner = 'gridwarden_app'::regrole").fetchall()
        assert owned == []

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM area_version",
            "TRUNCATE area_version",
            "UPDATE area_version SET geom = NULL",
            "UPDATE area SET level = 'city'",
            "DELETE FROM edition",
            "INSERT INTO edition_now VALUES (false, 7)",
            "DROP TABLE area_version",
            "ALTER TABLE area_version DISABLE TRIGGER ALL",
        ],
    )
    def test_cannot_rewrite_history(self, app_url, statement):
        with (
            psycopg.connect(app_url, options="-c search_path=gridwarden,public") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
