"""The catalogue: what the migrations make is what the code knows, and the app's role can break no promise."""

import re
from importlib.resources import files

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from geo.store.access_tables import TRAIL
from geo.store.schema import SCHEMA

METADATA = TRAIL.metadata

QUEUE = "procrastinate"
"""Tables of the queue: theirs, not ours."""
WITHOUT_MODEL = (QUEUE, "job_progress", "alembic_version", "coverage_due", "coverage_lock", "tile_", "base_map")
MIGRATION = "\n".join(
    each.read_text("utf-8")
    for each in sorted(files("geo.store.migrations").iterdir(), key=lambda each: each.name)
    if each.name.endswith(".sql") and not each.name.endswith("_down.sql") and each.name >= "0003"
)

UNIQUE_BY_RULE = {
    ("area_version", "EXCLUDE USING gist (area_id WITH =, valid WITH &&)"),
    ("team", "EXCLUDE USING gist (area_id WITH =, valid WITH &&)"),
    ("circle", "EXCLUDE USING gist (facility_id WITH =, profile WITH =, tier WITH =, valid WITH &&)"),
}
CHECKS = {
    ("access_now", "CHECK (only_row)"),
    ("account", "CHECK (((name <> ''::text) AND (name = btrim(name))))"),
    ("account", "CHECK ((num_nulls(issuer, subject) = ANY (ARRAY[0, 2])))"),
    ("token", "CHECK (((name <> ''::text) AND (name = btrim(name))))"),
    ("token", "CHECK ((cardinality(scopes) > 0))"),
    ("token", "CHECK ((per_minute > 0))"),
    ("trail", "CHECK ((number > 0))"),
    ("trail", "CHECK ((via = ANY (ARRAY['command'::text, 'http'::text, 'job'::text])))"),
    ("trail_head", "CHECK (only_row)"),
    ("accepted_finding", "CHECK ((accepted_via = ANY (ARRAY['command'::text, 'http'::text])))"),
    ("accepted_finding", "CHECK ((num_nulls(revoked_at, revoked_by, revoked_via, revoke_reason) = ANY (ARRAY[0, 4])))"),
    ("accepted_finding", "CHECK ((revoked_via = ANY (ARRAY['command'::text, 'http'::text])))"),
    ("area_version", "CHECK ((code <> ''::text))"),
    ("area_version", "CHECK ((kind = ANY (ARRAY['general'::text, 'special'::text])))"),
    ("area_version", "CHECK ((lower_inc(valid) AND (NOT lower_inf(valid)) AND (NOT upper_inc(valid))))"),
    (
        "edition",
        "CHECK ((kind = ANY (ARRAY['boundaries'::text, 'teams'::text, 'residences'::text, 'facilities'::text, "
        "'overlays'::text, 'streets'::text, 'circles'::text, 'aliases'::text])))",
    ),
    ("place_alias", "CHECK ((alias <> ''::text))"),
    ("place_alias", "CHECK ((num_nonnulls(name, code) = 1))"),
    ("place_key", "CHECK (((kind >= 0) AND (kind <= 2)))"),
    ("place_stem", "CHECK ((text <> ''::text))"),
    ("circle", "CHECK ((limit_m > (0)::double precision))"),
    ("circle", "CHECK ((means = ANY (ARRAY['walked'::text, 'radius'::text, 'refused'::text])))"),
    ("circle", "CHECK (((geom IS NULL) = (means = 'refused'::text)))"),
    ("edition", "CHECK ((id > 0))"),
    ("lineage", "CHECK ((area_m2 >= (0)::double precision))"),
    ("lineage", "CHECK ((households >= 0))"),
    ("lineage", "CHECK ((num_nonnulls(from_id, to_id) > 0))"),
    (
        "lineage",
        "CHECK (((share_of_from >= (0)::double precision) AND (share_of_from <= (1)::double precision)))",
    ),
    ("lineage", "CHECK (((share_of_to >= (0)::double precision) AND (share_of_to <= (1)::double precision)))"),
    ("plan", "CHECK ((draft >= 0))"),
    ("plan", "CHECK ((kind = ANY (ARRAY['operations'::text, 'import'::text, 'revert'::text])))"),
    (
        "plan",
        "CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text, 'published'::text, "
        "'rejected'::text, 'withdrawn'::text])))",
    ),
    ("plan", "CHECK ((title <> ''::text))"),
    ("plan", "CHECK (((state = 'published'::text) = (edition IS NOT NULL)))"),
    ("plan_draft", "CHECK ((number > 0))"),
    ("plan_draft", "CHECK (((parent >= 0) AND (parent < number)))"),
    ("plan_event", "CHECK ((via = ANY (ARRAY['command'::text, 'http'::text])))"),
    ("edition_now", "CHECK (only_row)"),
    ("job_progress", "CHECK ((done >= 0))"),
    ("job_progress", "CHECK ((total >= done))"),
    ("tile_state", "CHECK (only_row)"),
    ("residence", "CHECK ((households >= 0))"),
    ("residence", "CHECK ((residents >= 0))"),
    (
        "team_member",
        "CHECK ((role = ANY (ARRAY['grid_worker'::text, 'community_worker'::text, 'police_officer'::text, "
        "'other'::text])))",
    ),
}
RIGHTS = {
    "access_now": {"SELECT"},
    "account": {"SELECT", "INSERT", "UPDATE(disabled_at,failures,issuer,password,subject)"},
    "account_grant": {"SELECT", "INSERT", "DELETE"},
    "session": {"SELECT", "INSERT", "DELETE", "UPDATE(seen_at)"},
    "token": {"SELECT", "INSERT", "UPDATE(revoked_at)"},
    "trail": {"SELECT"},
    "trail_head": {"SELECT"},
    "accepted_finding": {"SELECT", "INSERT", "UPDATE(revoke_reason,revoked_at,revoked_by,revoked_via)"},
    "alembic_version": {"SELECT"},
    "area": {"SELECT", "INSERT"},
    "circle": {"SELECT", "INSERT", "UPDATE(valid)"},
    "circle_basis": {"SELECT", "INSERT", "UPDATE(digest,edition)"},
    "street": {"SELECT", "INSERT", "UPDATE(valid)"},
    "area_version": {"SELECT", "INSERT", "UPDATE(edition,valid)"},
    "edition": {"SELECT", "INSERT"},
    "edition_now": {"SELECT", "UPDATE(edition)"},
    "facility": {"SELECT", "INSERT", "UPDATE(valid)"},
    "job_progress": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "lineage": {"SELECT", "INSERT"},
    "overlay": {"SELECT", "INSERT", "UPDATE(valid)"},
    "person": {"SELECT", "INSERT", "DELETE", "UPDATE(erased,name,phone)"},
    "place_alias": {"SELECT", "INSERT", "UPDATE(valid)"},
    "place_key": {"SELECT", "INSERT"},
    "place_name": {"SELECT", "INSERT"},
    "place_stem": {"SELECT", "INSERT"},
    "plan": {
        *("SELECT", "INSERT"),
        "UPDATE(draft,edition,effective_date,publish_not_before,reviewer,state,title)",
    },
    "plan_area": {"SELECT", "INSERT"},
    "plan_draft": {"SELECT", "INSERT"},
    "plan_event": {"SELECT", "INSERT"},
    "residence": {"SELECT", "INSERT", "UPDATE(valid)"},
    "team": {"SELECT", "INSERT", "UPDATE(valid)"},
    "team_member": {"SELECT", "INSERT"},
    "base_map": {"SELECT", "INSERT", "DELETE"},
    "tile_shape": {"SELECT", "INSERT", "UPDATE(last_edition)"},
    "tile_state": {"SELECT", "UPDATE(edition)"},
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


def in_the_file(words):
    """Return what a statement of the migration says, on one line, without what the catalogue adds or leaves out."""
    return re.sub(r"gridwarden\.|\"|NOT DEFERRABLE ?|\s+(?=\))", "", " ".join(words.split()))


class TestWhatKeepsHistoryAndCoverage:
    def test_functions_are_those_of_the_migration_to_the_letter(self, catalogue):
        written = dict(re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", MIGRATION, re.DOTALL))
        rows = catalogue.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'gridwarden'::regnamespace"
        ).fetchall()
        assert {name: body for name, body in rows if QUEUE not in name} == written

    def test_triggers_are_those_of_the_migration(self, catalogue):
        written = re.findall(r"CREATE (?:CONSTRAINT )?TRIGGER .*?;", MIGRATION, re.DOTALL)
        rows = catalogue.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text !~ %s "
            "AND tgenabled = 'O'",
            [QUEUE],
        ).fetchall()
        assert {in_the_file(f"{rule};") for (rule,) in rows} == {in_the_file(rule) for rule in written}

    def test_those_that_write_where_the_app_may_not_find_only_what_is_ours(self, catalogue):
        rows = catalogue.execute(
            "SELECT proname, proconfig FROM pg_proc WHERE prosecdef AND pronamespace = 'gridwarden'::regnamespace"
        ).fetchall()
        assert {name for name, _ in rows} == {
            *("keep_coverage", "keep_sealed", "note_changed", "note_opened", "take_coverage_locks"),
            *("note_access", "trail_add"),
        }
        assert all("search_path=gridwarden, public, pg_temp" in settings for _, settings in rows)


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
            "UPDATE lineage SET share_of_to = 1",
            "DELETE FROM lineage",
            "UPDATE plan_draft SET operations = '[]'",
            "DELETE FROM plan_event",
            "DELETE FROM plan",
            "UPDATE edition SET title = 'another'",
            "UPDATE coverage_lock SET turn = 0",
            "DELETE FROM coverage_due",
            "DROP TRIGGER keep_history ON area_version",
            "SET session_replication_role = replica",
            "DELETE FROM edition",
            "INSERT INTO edition_now VALUES (false, 7)",
            "DROP TABLE area_version",
            "ALTER TABLE area_version DISABLE TRIGGER ALL",
            "DELETE FROM trail",
            "UPDATE trail SET actor = 'another'",
            "TRUNCATE trail",
            "UPDATE trail_head SET number = 0",
            "INSERT INTO trail SELECT * FROM trail",
            "UPDATE token SET scopes = '{write}'",
            "DELETE FROM account",
            "UPDATE account SET name = 'another'",
        ],
    )
    def test_cannot_rewrite_history(self, app_url, statement):
        with (
            psycopg.connect(app_url, options="-c search_path=gridwarden,public") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)
