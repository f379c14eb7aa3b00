"""Accounts, tokens and the trail by the command; and what a superuser of the database does to the trail."""

import json
import re
import sys

import psycopg
import pytest

PASSWORD = "Qinghe-Bridge-81"
COUNTY = "519801"


@pytest.fixture(scope="module")
def town(clone, city_template):
    """Clone the city for this module; every test begins with the trail and the accounts of those before."""
    with clone(city_template) as name:
        yield name


@pytest.fixture
def run(cluster, town, monkeypatch, capsys):
    """Return a way to run the command; passwords come from the environment."""
    from api.command import main

    monkeypatch.setenv("DATABASE_URL", cluster.url("app", town))
    monkeypatch.setenv("GRIDWARDEN_PASSWORD", PASSWORD)

    def command(*arguments, code=0):
        monkeypatch.setattr(sys, "argv", ["gridwarden", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert end.value.code == code, (said.out, said.err)
        return said.out + said.err

    command.admin_url = cluster.url("admin", town)
    by_force(command, "TRUNCATE account, account_grant, session, token, trail")
    by_force(command, "UPDATE trail_head SET number = 0, digest = decode(repeat('00', 32), 'hex')")
    return command


def told(run, *arguments, code=0):
    return json.loads(run(*arguments, "--json", code=code))


def by_force(run, statement):
    """Do something to the database that only its superuser can."""
    with psycopg.connect(run.admin_url, options="-c search_path=gridwarden,public") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)


def test_accounts_are_made_changed_and_listed(run):
    assert "没有账号" in run("user", "list", code=1)
    run("user", "add", "李四", "--role", "planner", "--within", COUNTY)
    run("user", "grant", "李四", "--role", "viewer")
    (account,) = told(run, "user", "list")
    assert account["roles"] == [{"role": "planner", "within": COUNTY}, {"role": "viewer", "within": None}]
    run("user", "grant", "李四", "--role", "planner", "--within", COUNTY, "--revoke")
    assert told(run, "user", "list")[0]["roles"] == [{"role": "viewer", "within": None}]
    assert told(run, "user", "disable", "李四")[0]["disabled_at"]
    assert told(run, "user", "enable", "李四")[0]["disabled_at"] is None
    run("user", "passwd", "李四")
    assert "已有账号" in run("user", "add", "李四", code=2)
    assert "没有“无此人”" in run("user", "disable", "无此人", code=2)


@pytest.mark.parametrize("password", ["short", "no-capitals-here", "Password-12345"])
def test_a_weak_password_is_refused_and_not_repeated(run, monkeypatch, password):
    monkeypatch.setenv("GRIDWARDEN_PASSWORD", password)
    said = run("user", "add", "李四", code=2)
    assert "密码须有" in said
    assert password not in said


def test_three_officers_are_three_people(run, monkeypatch):
    monkeypatch.setenv("GRIDWARDEN_THREE_OFFICERS", "1")
    run("user", "add", "甲", "--role", "security_administrator")
    assert "三员分立" in run("user", "grant", "甲", "--role", "audit_administrator", code=2)
    assert "三员分立" in run("user", "add", "乙", "--role", "administrator", code=2)
    assert [one["name"] for one in told(run, "user", "list")] == ["甲"]


def test_a_token_is_shown_once_and_revoked(run):
    made = told(run, "token", "create", "hotline", "--scope", "locate", "--within", COUNTY, "--days", 30)
    assert re.fullmatch(r"gw_[\w-]{43}", made["token"])
    assert made["within"] == [COUNTY]
    listed = run("token", "list", "--json")
    assert made["token"] not in listed
    assert "已有名为" in run("token", "create", "hotline", "--scope", "read", code=2)
    assert told(run, "token", "revoke", "hotline")["revoked_at"]
    run("token", "create", "hotline", "--scope", "read")


class TestDecidingOnceThereAreAccounts:
    @pytest.fixture
    def plan(self, run):
        run("user", "add", "王五", "--role", "approver")
        run("user", "add", "赵六", "--role", "viewer")
        with psycopg.connect(run.admin_url, options="-c search_path=gridwarden,public") as connection:
            (code,) = connection.execute(
                "SELECT v.code FROM area_version v JOIN area a ON a.id = v.area_id WHERE a.level = 'grid' LIMIT 1"
            ).fetchone()
        number = told(run, "plan", "new", "更名")["plan"]
        told(run, "plan", "add", number, "rename", "--codes", code, "--name", "新名")
        told(run, "plan", "submit", number, "--acknowledge-unplaced")
        return number

    def test_it_takes_an_account_with_its_password(self, run, monkeypatch, plan):
        assert "--as" in run("plan", "approve", plan, code=2)
        monkeypatch.setenv("GRIDWARDEN_PASSWORD", "Wrong-bridge-81")
        assert "账号或密码不对" in run("plan", "approve", plan, "--as", "王五", code=2)
        monkeypatch.setenv("GRIDWARDEN_PASSWORD", PASSWORD)
        assert "没有这样做的角色" in run("plan", "approve", plan, "--as", "赵六", code=2)
        assert told(run, "plan", "approve", plan, "--as", "王五")["reviewer"] == "王五"
        assert told(run, "plan", "publish", plan, "--as", "王五")["edition"]
        found = [(one["actor"], one["action"]) for one in told(run, "trail", "list", "--word", "plan")]
        assert found[:2] == [("王五", "plan publish"), ("王五", "plan approve")]
        assert found[2][0].startswith("os:")


class TestTheTrail:
    @pytest.fixture
    def trail(self, run):
        """Write five records, and return the command and a receipt."""
        for number in range(5):
            run("token", "create", f"app-{number}", "--scope", "locate")
        return run, told(run, "trail", "verify")["receipt"]

    def test_it_is_whole_as_it_was_written(self, trail):
        run, receipt = trail
        assert receipt.startswith("5:")
        assert "共 5 条" in run("trail", "verify", "--receipt", receipt)

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("UPDATE trail SET actor = 'another' WHERE number = 3", [{"number": 3, "kind": "changed"}]),
            ("UPDATE trail SET at = at + interval '1 ms' WHERE number = 2", [{"number": 2, "kind": "changed"}]),
            ("UPDATE trail SET details = '{}' WHERE number = 5", [{"number": 5, "kind": "changed"}]),
            ("DELETE FROM trail WHERE number = 4", [{"number": 4, "kind": "missing"}]),
            ("DELETE FROM trail WHERE number > 3", [{"number": 4, "kind": "cut"}]),
        ],
    )
    def test_what_a_superuser_does_to_one_record_is_found_and_located(self, trail, statement, found):
        run, _ = trail
        by_force(run, statement)
        assert told(run, "trail", "verify", code=1)["breaks"] == found

    def test_a_trail_whose_end_was_taken_with_its_head_is_found_by_a_receipt(self, trail):
        run, receipt = trail
        by_force(run, "DELETE FROM trail WHERE number = 5")
        by_force(run, "UPDATE trail_head SET number = 4, digest = (SELECT digest FROM trail WHERE number = 4)")
        assert told(run, "trail", "verify")["whole"]
        assert told(run, "trail", "verify", "--receipt", receipt, code=1)["breaks"] == [{"number": 5, "kind": "cut"}]
        assert "看不懂回执" in run("trail", "verify", "--receipt", "x", code=2)

    def test_nobody_changes_it_without_force_not_even_its_owner(self, trail):
        run, _ = trail
        with (
            psycopg.connect(run.admin_url, options="-c search_path=gridwarden,public") as connection,
            pytest.raises(psycopg.errors.IntegrityConstraintViolation),
        ):
            connection.execute("DELETE FROM trail")

    def test_it_is_searched_by_who_what_and_when(self, trail):
        run, _ = trail
        assert [one["subject"] for one in told(run, "trail", "list", "--limit", 2)] == ["app-4", "app-3"]
        assert len(told(run, "trail", "list", "--word", "app-1")) == 1
        assert told(run, "trail", "list", "--actor", "nobody", code=1) == []
        assert told(run, "trail", "list", "--until", "2020-01-01", code=1) == []
        assert "app-0" in run("trail", "list", "--since", "2020-01-01")


class TestForgettingPeopleWhoLeft:
    def leave(self, run, days):
        """Let the first team have ended some days ago; return its id."""
        with psycopg.connect(run.admin_url, options="-c search_path=gridwarden,public") as connection:
            connection.execute("SET session_replication_role = replica")
            (team,) = connection.execute("SELECT min(id) FROM team").fetchone()
            connection.execute(
                "UPDATE team SET valid = tstzrange(now() - interval '9 years', now() - %s * interval '1 day') "
                "WHERE id = %s",
                [days, team],
            )
            return team

    def names(self, run, team):
        with psycopg.connect(run.admin_url, options="-c search_path=gridwarden,public") as connection:
            return connection.execute(
                "SELECT p.name, p.phone, p.erased FROM team_member m JOIN person p ON p.id = m.person_id "
                "WHERE m.team_id = %s",
                [team],
            ).fetchall()

    def test_names_and_numbers_go_after_the_time_and_roles_stay(self, run):
        team = self.leave(run, 100)
        before = self.names(run, team)
        assert told(run, "forget", "--left-days", 101) == {"forgotten": 0}
        assert self.names(run, team) == before
        gone = told(run, "forget", "--left-days", 99)["forgotten"]
        assert 0 < gone <= len(before)
        assert [one for one in self.names(run, team) if one[2]] == [(None, None, True)] * gone
        assert told(run, "forget", "--left-days", 99) == {"forgotten": 0}
        assert [one["action"] for one in told(run, "trail", "list")] == ["forget"] * 3
