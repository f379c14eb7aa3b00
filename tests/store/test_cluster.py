"""The embedded server, by its promises: private, unprivileged, and back after anything."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from click.testing import CliRunner

from api.command import cli
from geo.errors import GeoError, NotFound, Refused, Unavailable
from geo.store import cluster_files, home, postgres
from geo.store.cluster import Cluster
from geo.store.postgres import check_server, find_server_programs
from geo.store.server_user import ServerUser

# A shell, SQL, libpq and a configuration file all read this name.
AWKWARD = '网格 it\'s "$HOME" `x` 100%'

GRIDWARDEN = [sys.executable, "-c", "from api.command import main; main()", "db"]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Make a folder that every user may walk through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="gw-"))
    folder.chmod(0o755)
    yield folder
    for found in folder.iterdir():
        if (found / "home.json").exists():
            Cluster(found).reset(found.name)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kept(place: Path) -> Cluster:
    """Make the one server of this module, with a table; every test may leave it running or stopped."""
    server = Cluster(place / AWKWARD, durable=False)
    server.create()
    run(server, "CREATE SCHEMA gridwarden; CREATE TABLE gridwarden.note (words text)")
    return server


@pytest.fixture
def server(kept: Cluster) -> Cluster:
    """Start the module's server where a test before stopped it."""
    kept.start()
    return kept


@pytest.fixture(scope="module")
def started_twice(place: Path) -> tuple[Cluster, list[dict[str, object]]]:
    """Start a server by two commands at once, where there is no home yet; return what they said."""
    environ = {**os.environ, "GRIDWARDEN_HOME": str(place / "twice")}
    both = [subprocess.Popen([*GRIDWARDEN, "start", "--json"], env=environ, stdout=subprocess.PIPE) for _ in range(2)]
    said = [json.loads(one.communicate()[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    return Cluster(place / "twice"), said


def run(server: Cluster, statement: str) -> None:
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute(statement)


def ask(url: str, question: str) -> tuple[object, ...]:
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone() or ()


def processes(server: Cluster) -> set[int]:
    return ServerUser.choose(server.data).servers_in(server.data)


def kill_all(server: Cluster) -> None:
    for pid in processes(server):
        # The first to go takes others along.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def refusal_of(action: object, *arguments: object) -> GeoError:
    with pytest.raises(GeoError) as caught:
        action(*arguments)
    return caught.value


class TestPrivate:
    def test_it_listens_on_no_network(self, server):
        assert ask(server.url("owner"), "SELECT current_setting('listen_addresses')") == ("",)
        assert ask(server.url("owner"), "SELECT inet_server_addr()") == (None,)

    def test_only_the_servers_user_may_enter_its_folders(self, server):
        owner = ServerUser.choose(server.data).uid
        for folder in (server.data, server.data.parent, server.socket):
            assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o700, owner)

    def test_no_server_process_runs_as_root(self, server):
        running = processes(server)
        assert len(running) > 3
        assert 0 not in {Path(f"/proc/{pid}").stat().st_uid for pid in running}

    def test_the_owner_is_no_superuser_and_owns_the_database(self, server):
        question = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert ask(server.url("owner"), question) == (False, False, False)
        question = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
        assert ask(server.url("owner"), question) == ("gridwarden_owner",)

    def test_the_app_owns_nothing_and_can_create_nothing(self, server):
        question = """
            SELECT has_database_privilege(current_database(), 'CREATE'),
                   bool_or(has_schema_privilege(oid, 'CREATE')),
                   (SELECT count(*) FROM pg_class WHERE relowner = 'gridwarden_app'::regrole)
            FROM pg_namespace WHERE nspname IN ('public', 'gridwarden')"""
        assert ask(server.url("app"), question) == (False, False, 0)

    def test_the_log_never_quotes_rows_or_statements(self, server):
        run(server, "CREATE TABLE IF NOT EXISTS gridwarden.person (phone text UNIQUE)")
        with psycopg.connect(server.url("owner"), autocommit=True) as connection:
            connection.execute("INSERT INTO gridwarden.person VALUES ('13900000000') ON CONFLICT DO NOTHING")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO gridwarden.person VALUES ('13900000000')")
        log = server.log.read_text()
        assert "person_phone_key" in log
        assert "13900000000" not in log


class TestSettings:
    def test_nothing_published_is_lost(self, started_twice):
        settings = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        question = "SELECT " + ", ".join(f"current_setting('{name}')" for name in settings)
        assert ask(started_twice[0].start(), question) == ("on", "on", "on", "on")

    def test_text_is_sorted_by_code_points_and_times_are_utc(self, server):
        question = """
            SELECT pg_encoding_to_char(encoding), datcollate, datctype,
                   current_setting('timezone'), current_setting('jit')
            FROM pg_database WHERE datname = current_database()"""
        assert ask(server.url("owner"), question) == ("UTF8", "C", "C.UTF-8", "UTC", "off")

    def test_the_extensions_are_there(self, server):
        question = """
            SELECT string_agg(extname, ' ' ORDER BY extname), min(extnamespace::regnamespace::text)
            FROM pg_extension WHERE extname IN ('postgis', 'btree_gist')"""
        assert ask(server.url("owner"), question) == ("btree_gist postgis", "public")

    def test_its_versions_pass(self, server):
        with psycopg.connect(server.url("app")) as connection:
            check_server(connection)


class TestStart:
    def test_a_second_start_changes_nothing(self, server):
        before = server.status().pid
        server.start()
        assert server.status().pid == before

    def test_two_starts_at_once_make_one_home_and_one_server(self, started_twice):
        server, (first, second) = started_twice
        assert first == second
        assert (first["running"], first["pid"], first["edition"]) == (True, server.status().pid, 0)

    def test_it_stops_and_says_whether_it_ran(self, server):
        assert server.stop() is True
        assert server.stop() is False
        assert processes(server) == set()

    def test_a_large_log_is_turned_over(self, server):
        server.stop()
        with server.log.open("ab") as log:
            log.write(b"x" * 5_000_000)
        server.start()
        assert server.log.stat().st_size < 100_000


class TestBackAgain:
    def test_after_kill_9_of_all_processes(self, server):
        run(server, "INSERT INTO gridwarden.note VALUES ('before the kill')")
        kill_all(server)
        question = "SELECT count(*) FROM gridwarden.note WHERE words = 'before the kill'"
        assert ask(server.start(), question) == (1,)

    def test_after_kill_9_of_the_postmaster_under_a_busy_query(self, server):
        busy = psycopg.connect(server.url("owner"))
        orphan = busy.info.backend_pid

        def loop_for_ever() -> None:
            with pytest.raises(psycopg.OperationalError):
                busy.execute("DO $$ BEGIN LOOP END LOOP; END $$")

        thread = threading.Thread(target=loop_for_ever)
        thread.start()
        postmaster = server.status().pid
        os.kill(postmaster, signal.SIGKILL)
        # Those that wait for work leave at once; the busy one does not notice.
        while postmaster in processes(server) or len(processes(server)) > 1:
            time.sleep(0.02)
        assert orphan in processes(server)
        assert ask(server.start(), "SELECT 1") == (1,)
        assert orphan not in processes(server)
        thread.join()
        busy.close()

    def test_after_a_crash_whose_process_id_went_to_somebody_else(self, server):
        lines = (server.data / "postmaster.pid").read_text().splitlines()
        kill_all(server)
        (server.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
        assert server.status().running is False
        assert ask(server.start(), "SELECT 1") == (1,)

    def test_after_a_reboot_that_emptied_the_folder_of_sockets(self, server):
        folder = server.socket
        kill_all(server)
        shutil.rmtree(folder)
        assert ask(server.start(), "SELECT 1") == (1,)

    def test_after_somebody_swept_the_socket_of_a_running_server(self, server):
        before = server.status().pid
        shutil.rmtree(server.socket)
        assert ask(server.start(), "SELECT 1") == (1,)
        assert server.status().pid != before

    def test_after_a_socket_and_its_lock_were_left_behind(self, server):
        folder = server.socket
        server.stop()
        folder.mkdir(mode=0o700)
        (folder / ".s.PGSQL.5432").write_text("")
        (folder / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
        assert ask(server.start(), "SELECT 1") == (1,)

    def test_after_a_creation_that_was_interrupted(self, place):
        folder = place / "again"
        (folder / "postgres" / "data.new" / "base").mkdir(parents=True)
        (folder / "postgres").chmod(0o700)
        again = Cluster(folder, durable=False)
        assert again.create() is True
        assert again.create() is False
        assert not (folder / "postgres" / "data.new").exists()
        assert ask(again.start(), "SELECT 1") == (1,)
        again.stop()

    def test_after_the_home_was_deleted_under_a_running_server(self, place):
        server = Cluster(place / "deleted", durable=False)
        server.create()
        server.start()
        before = processes(server)
        shutil.rmtree(server.home.folder)
        server.create()
        assert ask(server.start(), "SELECT to_regclass('gridwarden.note')") == (None,)
        assert processes(server).isdisjoint(before)
        # Its end would take the socket of the new one along, so it must not come later.
        time.sleep(0.5)
        assert ask(server.url("owner"), "SELECT 1") == (1,)
        server.stop()

    def test_after_the_home_was_moved(self, place):
        moved = place / "moved"
        (place / "again").rename(moved)
        assert ask(Cluster(moved, durable=False).start(), "SELECT 1") == (1,)
        Cluster(moved).stop()


class TestHome:
    @pytest.mark.parametrize("action", ["start", "stop", "status"])
    def test_only_creation_makes_one(self, place, action):
        refusal = refusal_of(getattr(Cluster(place / "none"), action))
        assert (type(refusal), refusal.kind) == (NotFound, "home-missing")
        assert not (place / "none").exists()

    def test_where_the_database_user_cannot_enter_it_the_data_lies_elsewhere(self, place, monkeypatch):
        monkeypatch.setattr(home, "FALLBACK_ROOT", place / "elsewhere")
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        server = Cluster(closed / "home", durable=False)
        server.create()
        inside = closed / "home" / "postgres" / "data"
        outside = place / "elsewhere" / home.short_hash(closed / "home") / "data"
        assert server.data == (outside if os.geteuid() == 0 else inside)
        assert ask(server.start(), "SELECT 1") == (1,)
        server.reset("home")
        assert not outside.exists()

    def test_below_a_file_none_can_be_made(self, place):
        (place / "file").write_text("")
        refusal = refusal_of(Cluster(place / "file" / "home").create)
        assert (type(refusal), refusal.kind) == (Unavailable, "home-unusable")
        assert str(place / "file") in refusal.text("zh")

    def test_a_name_with_a_line_break_is_refused(self, place):
        assert refusal_of(Cluster, place / "two\nlines").kind == "home-unusable"

    def test_a_marker_may_not_point_anywhere_else(self, place):
        (place / "odd").mkdir()
        (place / "odd" / "home.json").write_text('{"cluster": "/etc"}')
        assert refusal_of(Cluster(place / "odd").reset, "odd").kind == "home-unusable"
        shutil.rmtree(place / "odd")

    def test_a_disk_that_is_nearly_full_is_said_before_anything_is_made(self, place, monkeypatch):
        monkeypatch.setattr(cluster_files.shutil, "disk_usage", lambda _: SimpleNamespace(free=100 * 2**20))
        server = Cluster(place / "small")
        refusal = refusal_of(server.create)
        assert (refusal.kind, refusal.facts["free_mib"], refusal.facts["least_mib"]) == ("disk-too-small", 100, 300)
        assert not server.home.exists()


class TestSocket:
    def test_its_path_may_have_107_bytes(self, monkeypatch):
        cluster = Path("/home/postgres")
        room = 107 - len("//gridwarden-") - 12 - len("/.s.PGSQL.5432")
        longest = {"GRIDWARDEN_SOCKET_DIR": "/" + "x" * room}
        assert len(str(home.socket_folder(cluster, longest) / ".s.PGSQL.5432")) == 107
        too_long = {"GRIDWARDEN_SOCKET_DIR": "/" + "x" * (room + 1)}
        refusal = refusal_of(home.socket_folder, cluster, too_long)
        assert (refusal.kind, refusal.facts["length"]) == ("socket-path-too-long", 108)

    def test_bytes_are_counted_not_letters(self):
        too_long = {"GRIDWARDEN_SOCKET_DIR": "/" + "网" * 30}
        assert refusal_of(home.socket_folder, Path("/x"), too_long).kind == "socket-path-too-long"

    def test_a_long_runtime_folder_is_passed_over(self, monkeypatch, tmp_path):
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        long = tmp_path / ("x" * 100)
        long.mkdir()
        assert home.socket_folder(Path("/x"), {"XDG_RUNTIME_DIR": str(long)}).parent == Path(home.SHARED_TEMPORARY)

    def test_a_link_in_its_place_is_not_followed(self, server, monkeypatch, tmp_path):
        server.stop()
        monkeypatch.setenv("GRIDWARDEN_SOCKET_DIR", str(server.home.folder.parent / "s"))
        (server.home.folder.parent / "s").mkdir(exist_ok=True)
        server.socket.symlink_to(tmp_path)
        refusal = refusal_of(server.start)
        assert (refusal.kind, refusal.facts["folder"]) == ("folder-of-another-user", server.socket)
        assert list(tmp_path.iterdir()) == []


class TestReset:
    def test_another_name_deletes_nothing(self, server):
        refusal = refusal_of(server.reset, "gridwarden")
        assert (type(refusal), refusal.kind, refusal.facts["expected"]) == (Refused, "reset-name-wrong", AWKWARD)
        assert server.status().running is True

    def test_the_name_deletes_cluster_and_derived_files_and_nothing_else(self, place):
        server = Cluster(place / "gone", durable=False)
        server.create()
        socket = server.socket
        server.start()
        server.home.derived.mkdir()
        (server.home.folder / "mine.gwbackup").write_text("")
        server.reset("gone")
        assert {found.name for found in server.home.folder.iterdir()} == {"lock", "mine.gwbackup"}
        assert not socket.exists()
        assert refusal_of(server.status).kind == "home-missing"


class TestWhatIsMissing:
    @pytest.fixture
    def machine(self, monkeypatch, tmp_path):
        """Return a way to put an invented PostgreSQL on an otherwise empty machine."""
        monkeypatch.setattr(postgres, "INSTALLED", (f"{tmp_path}/*/bin",))
        monkeypatch.setattr(postgres.shutil, "which", lambda _: None)

        def install(version: str, postgis: str | None) -> Path:
            folder, share = tmp_path / version / "bin", tmp_path / version / "share"
            (share / "extension").mkdir(parents=True)
            folder.mkdir()
            for name, said in (("initdb", ""), ("pg_ctl", ""), ("postgres", f"postgres (PostgreSQL) {version}")):
                (folder / name).write_text(f"#!/bin/sh\necho '{said}'\n")
                (folder / name).chmod(0o755)
            (folder / "pg_config").write_text(f"#!/bin/sh\necho '{share}'\n")
            (folder / "pg_config").chmod(0o755)
            if postgis:
                (share / "extension" / "postgis.control").write_text(f"default_version = '{postgis}'\n")
            return folder

        return install

    def test_no_postgresql(self, machine):
        refusal = refusal_of(find_server_programs)
        assert (type(refusal), refusal.kind) == (Unavailable, "postgresql-missing")

    def test_a_postgresql_that_is_too_old(self, machine):
        machine("13.4", "3.4.0")
        refusal = refusal_of(find_server_programs)
        assert (refusal.kind, refusal.facts["version"]) == ("postgresql-too-old", "13.4")

    def test_no_postgis_names_the_package(self, machine):
        machine("16.2", None)
        refusal = refusal_of(find_server_programs)
        assert refusal.kind == "postgis-missing"
        assert "postgresql-16-postgis-3" in refusal.text("zh")

    def test_a_postgis_that_is_too_old(self, machine):
        machine("15.1", "3.2.9")
        refusal = refusal_of(find_server_programs)
        assert (refusal.kind, refusal.facts["version"]) == ("postgis-too-old", "3.2.9")

    def test_the_newest_with_postgis_is_taken(self, machine):
        machine("15.1", "3.3.2")
        wanted = machine("16.2", "3.4.0")
        machine("17.0", None)
        machine("14.9", "3.4.0")
        assert find_server_programs().folder == wanted

    def test_data_is_opened_by_its_own_major_version(self, machine):
        wanted = machine("15.1", "3.3.2")
        machine("16.2", "3.4.0")
        assert find_server_programs(15).folder == wanted
        refusal = refusal_of(find_server_programs, 14)
        assert (refusal.kind, refusal.facts["data"], refusal.facts["present"]) == ("other-major", 14, "16.2, 15.1")

    def test_a_server_elsewhere_that_is_too_old(self):
        old = SimpleNamespace(info=SimpleNamespace(server_version=140_011))
        refusal = refusal_of(check_server, old)
        assert (refusal.kind, refusal.facts["version"]) == ("postgresql-too-old", 14)


class TestDamage:
    @pytest.fixture
    def victim(self, place):
        server = Cluster(place / "victim", durable=False)
        server.create()
        return server

    def test_data_of_another_major_version(self, victim):
        version = victim.data / "PG_VERSION"
        right = version.read_text()
        version.write_text("12\n")
        refusal = refusal_of(victim.start)
        assert (refusal.kind, refusal.facts["data"]) == ("other-major", 12)
        version.write_text(right)
        assert ask(victim.start(), "SELECT 1") == (1,)

    def test_a_broken_file_is_said_with_the_last_lines_of_the_log(self, victim):
        victim.stop()
        control = victim.data / "global" / "pg_control"
        right = control.read_bytes()
        control.write_bytes(right[:100] + b"\xff" * 100 + right[200:])
        refusal = refusal_of(victim.start)
        assert refusal.kind == "data-damaged"
        assert "pg_control" in refusal.text("zh") or "checksum" in refusal.text("zh")
        control.write_bytes(right)
        assert ask(victim.start(), "SELECT 1") == (1,)

    def test_a_data_folder_that_is_gone_can_be_reset(self, victim):
        victim.stop()
        shutil.rmtree(victim.data)
        assert refusal_of(victim.start).kind == "data-missing"
        assert refusal_of(victim.status).kind == "data-missing"
        victim.reset("victim")
        assert refusal_of(victim.start).kind == "home-missing"


class TestCommands:
    @pytest.fixture
    def gridwarden(self, server, monkeypatch):
        monkeypatch.setenv("GRIDWARDEN_HOME", str(server.home.folder))
        return lambda *words: CliRunner().invoke(cli, ["db", *words])

    def test_status_says_what_runs_and_ends_with_1_where_nothing_runs(self, gridwarden, server):
        said = gridwarden("status", "--json")
        facts = json.loads(said.stdout)
        assert (said.exit_code, facts["running"], facts["home"]) == (0, True, str(server.home.folder))
        assert facts["data"] == str(server.data)
        assert gridwarden("stop").exit_code == 0
        said = gridwarden("status")
        assert (said.exit_code, str(server.home.folder) in said.stdout) == (1, True)

    @pytest.mark.parametrize("name", ["start", "stop", "status", "upgrade", "reset", "backup", "restore"])
    def test_every_help_has_an_example(self, gridwarden, name):
        assert f"gridwarden db {name}" in gridwarden(name, "--help").stdout

    @pytest.mark.parametrize("name", ["start", "stop", "reset"])
    def test_another_server_is_not_ours_to_manage(self, gridwarden, monkeypatch, name):
        monkeypatch.setenv("DATABASE_URL", "postgresql://someone:secret@example.invalid/city")
        refusal = gridwarden(name).exception
        assert (refusal.kind, refusal.facts["command"]) == ("not-embedded", f"gridwarden db {name}")

    def test_status_of_another_server_shows_no_password(self, gridwarden, server, monkeypatch):
        monkeypatch.setenv("DATABASE_URL", server.url("owner").replace("owner@", "owner:secret@"))
        said = gridwarden("status", "--json")
        facts = json.loads(said.stdout)
        assert (said.exit_code, facts["running"], facts["server"]) == (0, True, f"{server.socket}/5432/gridwarden")
        assert "secret" not in said.output

    def test_a_mistake_is_said_on_stderr_and_ends_with_2(self, place):
        environ = {**os.environ, "GRIDWARDEN_HOME": str(place / "none")}
        command = [*GRIDWARDEN, "stop", "--lang", "en"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert str(place / "none") in done.stderr
        assert "gridwarden db start" in done.stderr
