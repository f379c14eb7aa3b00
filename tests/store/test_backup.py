"""Backup and restore: one consistent edition, all of it or nothing."""

import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from api.command import cli
from geo.errors import BadInput, Conflict, GeoError, Unavailable
from geo.store.backup import backup, count_rows, program_access, tables_of
from geo.store.backup_file import read_manifest
from geo.store.restore import restore

NOON = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
NAME = "gridwarden-edition-000042-20261121T101500.gwbackup"


@pytest.fixture(scope="module")
def full_url(owner_url: str) -> str:
    """Fill the module's database: edition 42 of an invented city."""
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            """
            SET search_path = gridwarden, public;
            INSERT INTO edition (id, published_at, kind, title, actor, approval)
              VALUES (42, '2026-11-21 02:00+00', 'boundaries', '青禾市', 'tests', 'direct');
            INSERT INTO area (level) SELECT 'grid' FROM generate_series(1, 50);
            INSERT INTO area_version (area_id, code, name, geom, edition, valid)
              SELECT id, id::text, '网格' || id,
                     ST_Multi(ST_MakeEnvelope(104 + id * 0.01, 30, 104.01 + id * 0.01, 30.01, 4490)),
                     42, tstzrange('2026-11-21 02:00+00', NULL)
              FROM area;
            INSERT INTO person (name, phone) SELECT '某人' || i, '000' || i FROM generate_series(1, 500) i;
            UPDATE edition_now SET edition = 42;
            """
        )
    return owner_url


@pytest.fixture(scope="module")
def saved(full_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backup(full_url, tmp_path_factory.mktemp("saved"), now=NOON)


@pytest.fixture(scope="module")
def empty_url(cluster, clone) -> Iterator[str]:
    """Return a database that every refused restore must leave empty."""
    with clone() as name:
        yield cluster.url("owner", name)


def refusal_of(action: object, *arguments: object) -> GeoError:
    with pytest.raises(GeoError) as caught:
        action(*arguments)
    return caught.value


def contents(url: str) -> dict[str, object]:
    """Return all rows of all tables."""
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(
                f"SELECT array_agg(t::text ORDER BY t::text) FROM gridwarden.{table} t"
            ).fetchone()
            for table in tables_of(connection)
        }


def rules(url: str) -> list[tuple[object, ...]]:
    """Return everything but rows: constraints, indexes, triggers, functions and rights."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            """
            SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
              WHERE connamespace = 'gridwarden'::regnamespace
            UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'gridwarden'
            UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc
              WHERE pronamespace = 'gridwarden'::regnamespace
            UNION ALL SELECT 'rights', relname, array_to_string(relacl, ' ') FROM pg_class
              WHERE relnamespace = 'gridwarden'::regnamespace
            UNION ALL SELECT 'rights', attrelid::regclass || '.' || attname, array_to_string(attacl, ' ')
              FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid::regclass::text LIKE 'gridwarden.%'
            UNION ALL SELECT 'owner', relname, relowner::regrole::text FROM pg_class
              WHERE relnamespace = 'gridwarden'::regnamespace
            ORDER BY 1, 2, 3
            """
        ).fetchall()


class TestTheFile:
    def test_its_name_carries_the_edition(self, saved):
        assert saved.name == NAME

    @pytest.mark.parametrize(
        ("given", "written"),
        [
            ("city.gwbackup", "city-edition-000042.gwbackup"),
            ("city", "city-edition-000042"),
            ("city-edition-000042-monday.gw", "city-edition-000042-monday.gw"),
            ("city-edition-000041.gw", "city-edition-000041-edition-000042.gw"),
        ],
    )
    def test_the_edition_is_added_where_the_name_lacks_it(self, full_url, tmp_path, given, written):
        assert backup(full_url, tmp_path / given).name == written

    def test_it_says_what_it_holds(self, saved):
        manifest = read_manifest(saved)
        assert (manifest.edition, manifest.created) == (42, "2026-11-21T10:15:00+00:00")
        assert manifest.tables["area_version"] == 50
        assert manifest.tables["person"] == 500
        assert len(manifest.sha256) == 64

    def test_only_its_owner_may_read_it_because_it_names_people(self, saved):
        assert saved.stat().st_mode & 0o777 == 0o600

    def test_nothing_else_is_left_in_the_folder(self, saved):
        assert list(saved.parent.iterdir()) == [saved]

    def test_an_existing_file_is_not_overwritten(self, full_url, saved):
        before = saved.read_bytes()
        with pytest.raises(Conflict) as refusal:
            backup(full_url, saved.parent, now=NOON)
        assert refusal.value.kind == "backup-target-taken"
        assert saved.read_bytes() == before

    def test_a_folder_that_is_missing_is_not_made(self, full_url, tmp_path):
        refusal = refusal_of(backup, full_url, tmp_path / "none" / "x.gwbackup")
        assert (type(refusal), refusal.kind) == (BadInput, "backup-target-missing")
        assert not (tmp_path / "none").exists()


class TestRestore:
    def test_it_gives_the_same_rows_rules_and_rights(self, saved, full_url, fresh_url):
        assert restore(saved, fresh_url).edition == 42
        assert contents(fresh_url) == contents(full_url)
        assert rules(fresh_url) == rules(full_url)

    def test_new_rows_get_new_ids_afterwards(self, saved, fresh_url):
        restore(saved, fresh_url)
        with psycopg.connect(fresh_url) as connection:
            row = connection.execute("INSERT INTO gridwarden.area (level) VALUES ('grid') RETURNING id").fetchone()
        assert row == (51,)

    def test_a_backup_of_the_copy_holds_the_same(self, saved, fresh_url, tmp_path):
        restore(saved, fresh_url)
        assert read_manifest(backup(fresh_url, tmp_path)).tables == read_manifest(saved).tables

    def test_into_a_database_with_an_edition_is_refused(self, saved, full_url):
        before = contents(full_url)
        refusal = refusal_of(restore, saved, full_url)
        assert (type(refusal), refusal.kind) == (Conflict, "restore-not-empty")
        assert contents(full_url) == before

    def test_into_a_database_with_unpublished_rows_is_refused(self, saved, fresh_url):
        with psycopg.connect(fresh_url) as connection:
            connection.execute("INSERT INTO gridwarden.person (name) VALUES ('某人')")
        refusal = refusal_of(restore, saved, fresh_url)
        assert (refusal.kind, refusal.facts["table"]) == ("restore-not-empty", "person")

    def test_into_a_database_without_our_tables_is_refused(self, saved, fresh_url):
        with psycopg.connect(fresh_url) as connection:
            connection.execute("DROP SCHEMA gridwarden CASCADE")
        assert refusal_of(restore, saved, fresh_url).kind == "schema-missing"
        assert refusal_of(backup, fresh_url, saved.parent).kind == "schema-missing"


class TestDuringAnImport:
    def test_a_backup_holds_one_edition_whole(self, fresh_url, tmp_path):
        # Every edition brings ten people; what is not published yet brings a thousand.
        publish = """
            INSERT INTO gridwarden.person (name) SELECT 'x' FROM generate_series(1, 10);
            UPDATE gridwarden.edition_now SET edition = edition + 1"""
        done = threading.Event()

        def import_on() -> None:
            with psycopg.connect(fresh_url) as connection:
                while not done.is_set():
                    connection.execute(publish)
                    connection.commit()

        with psycopg.connect(fresh_url) as pending:
            pending.execute("INSERT INTO gridwarden.person (name) SELECT 'y' FROM generate_series(1, 1000)")
            thread = threading.Thread(target=import_on)
            thread.start()
            try:
                files = [backup(fresh_url, tmp_path / f"{number}.gwbackup") for number in range(3)]
            finally:
                done.set()
                thread.join()
        for file in files:
            manifest = read_manifest(file)
            assert manifest.tables["person"] == 10 * manifest.edition
            assert f"edition-{manifest.edition:06d}" in file.name
        with psycopg.connect(fresh_url) as connection:
            connection.execute("TRUNCATE gridwarden.person CASCADE; UPDATE gridwarden.edition_now SET edition = 0")
        manifest = restore(files[-1], fresh_url)
        with psycopg.connect(fresh_url) as connection:
            assert count_rows(connection, "person") == 10 * manifest.edition

    def test_a_failed_backup_leaves_no_file(self, fresh_url, tmp_path):
        # pg_dump may not read somebody else's table.
        with psycopg.connect(fresh_url) as connection:
            connection.execute("REVOKE SELECT ON gridwarden.residence FROM gridwarden_app")
        refusal = refusal_of(backup, fresh_url.replace("_owner@", "_app@"), tmp_path)
        assert (type(refusal), refusal.kind) == (Unavailable, "backup-not-made")
        assert "residence" in refusal.text("en")
        assert list(tmp_path.iterdir()) == []


class TestDamaged:
    @pytest.fixture
    def damaged(self, saved, tmp_path, empty_url):
        """Return a way to restore changed bytes, which checks that nothing happened."""

        def refuse(content: bytes) -> str:
            file = tmp_path / "damaged.gwbackup"
            file.write_bytes(content)
            before = contents(empty_url)
            refusal = refusal_of(restore, file, empty_url)
            assert type(refusal) is BadInput
            assert contents(empty_url) == before
            return refusal.kind

        return refuse

    @pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.9, 0.97])
    def test_a_changed_byte_is_found(self, saved, damaged, share):
        content = bytearray(saved.read_bytes())
        content[int(len(content) * share)] ^= 0x10
        assert damaged(bytes(content)) == "backup-damaged"

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
    def test_a_file_that_ends_early_is_found(self, saved, damaged, share):
        content = saved.read_bytes()
        assert damaged(content[: int(len(content) * share)]) == "backup-damaged"

    def test_a_file_of_something_else_is_no_backup(self, saved, damaged, tmp_path):
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
            other.writestr("areas.geojson", "{}")
        assert damaged(b"") == "backup-foreign"
        assert damaged(b"PGDMP\x01\x0e\x00 a dump made by hand") == "backup-foreign"
        assert damaged((tmp_path / "other.zip").read_bytes()) == "backup-foreign"

    @pytest.mark.parametrize("name", ["none.gwbackup", "."])
    def test_a_missing_file_or_a_folder_is_said_as_such(self, empty_url, tmp_path, name):
        refusal = refusal_of(restore, tmp_path / name, empty_url)
        assert (type(refusal), refusal.kind) == (BadInput, "backup-unreadable")


class TestForged:
    @staticmethod
    def forge(saved: Path, target: Path, **changes: object) -> Path:
        """Copy a backup with another manifest."""
        with zipfile.ZipFile(saved) as source, zipfile.ZipFile(target, "w") as copy:
            copy.writestr("gridwarden.dump", source.read("gridwarden.dump"))
            copy.writestr("manifest.json", json.dumps(json.loads(source.read("manifest.json")) | changes))
        return target

    def test_other_rows_than_promised_are_rolled_back(self, saved, empty_url, tmp_path):
        tables = read_manifest(saved).tables | {"person": 501}
        before = contents(empty_url)
        refusal = refusal_of(restore, self.forge(saved, tmp_path / "x.gw", tables=tables), empty_url)
        assert (type(refusal), refusal.kind) == (Unavailable, "restore-failed")
        assert "table person has 500 rows instead of 501" in refusal.text("en")
        assert contents(empty_url) == before

    def test_a_table_that_the_dump_lacks_is_damage(self, saved, empty_url, tmp_path):
        tables = read_manifest(saved).tables | {"pigeon": 0}
        refusal = refusal_of(restore, self.forge(saved, tmp_path / "x.gw", tables=tables), empty_url)
        assert (refusal.kind, refusal.facts["reason"]) == ("backup-damaged", "pigeon")

    def test_a_schema_that_this_program_does_not_know_is_newer(self, saved, empty_url, tmp_path):
        refusal = refusal_of(restore, self.forge(saved, tmp_path / "x.gw", revision="9999"), empty_url)
        assert (refusal.kind, refusal.facts["revision"]) == ("backup-newer", "9999")

    def test_another_format_is_no_backup(self, saved, empty_url, tmp_path):
        refusal = refusal_of(restore, self.forge(saved, tmp_path / "x.gw", format="other/1"), empty_url)
        assert refusal.kind == "backup-damaged"


class TestDoors:
    def test_a_password_goes_into_the_environment_not_onto_the_command_line(self):
        where, environ = program_access("postgresql+psycopg://ann:p%40ss@db.example:5433/city?sslmode=require")
        assert "p@ss" not in where
        assert environ["PGPASSWORD"] == "p@ss"
        assert where == "user=ann dbname=city host=db.example port=5433 sslmode=require"

    def test_a_server_that_is_away_is_said_without_its_password(self, tmp_path):
        refusal = refusal_of(backup, "postgresql://ann:secret@/city?host=/nowhere", tmp_path)
        assert (type(refusal), refusal.kind) == (Unavailable, "database-unreachable")
        assert "secret" not in refusal.text("zh")

    def test_both_commands_work_on_another_server(self, full_url, fresh_url, tmp_path, monkeypatch):
        monkeypatch.setenv("GRIDWARDEN_HOME", str(tmp_path / "unused"))
        monkeypatch.setenv("DATABASE_URL", full_url)
        written = CliRunner().invoke(cli, ["db", "backup", str(tmp_path), "--json"])
        facts = json.loads(written.stdout)
        assert (written.exit_code, facts["edition"], facts["home"]) == (0, 42, str(tmp_path / "unused"))
        monkeypatch.setenv("DATABASE_URL", fresh_url)
        said = CliRunner().invoke(cli, ["db", "restore", facts["file"], "--json"])
        assert (said.exit_code, json.loads(said.stdout)["edition"]) == (0, 42)
        assert contents(fresh_url) == contents(full_url)
