"""Signing in, sessions and what others might try with them."""

import re
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from api.identity import CSRF, CSRF_HEADER, SESSION, csrf_of
from geo.passwords import FAILURES
from geo.store.accounts import disable_account, one_account, set_password
from geo.store.connect import connect
from geo.store.tokens import revoke_token

PASSWORD = "Qinghe-Bridge-81"
PLAN = {"title": "试拟", "actor": "别人"}


@pytest.fixture(scope="module")
def lisi(people):
    people.add("李四", ("planner", None), password=PASSWORD)
    return "李四"


def sign_in(client, name, password, **more):
    client.cookies.clear()
    return client.post("/sign-in", data={"name": name, "password": password, **more.pop("data", {})}, **more)


def refused(answer, status, kind):
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:gridwarden:problem:{kind}"), answer.text
    return answer.json()


def test_signing_in_begins_a_session_that_scripts_cannot_read(client, lisi):
    answer = sign_in(client, lisi, PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookies = {line.split("=")[0]: line for line in answer.headers.get_list("set-cookie")}
    assert "HttpOnly" in cookies[SESSION]
    assert "SameSite=lax" in cookies[SESSION]
    assert "HttpOnly" not in cookies[CSRF]
    me = client.get("/api/v1/me").json()
    assert (me["name"], me["kind"]) == (lisi, "person")
    assert "draft" in me["actions"]


def test_what_is_written_down_is_who_signed_in_whatever_the_request_says(client, lisi):
    sign_in(client, lisi, PASSWORD)
    plan = client.post("/api/v1/plans", json=PLAN, headers={CSRF_HEADER: client.cookies[CSRF]})
    assert (plan.status_code, plan.json()["author"]) == (201, lisi)


def test_a_session_of_one_s_own_choice_is_none(client, lisi):
    client.cookies.clear()
    fixed = {"Cookie": f"{SESSION}=fixed-by-somebody"}
    client.post("/sign-in", data={"name": lisi, "password": PASSWORD}, headers=fixed)
    client.cookies.clear()
    assert client.get("/api/v1/me", headers=fixed).json()["kind"] == "anonymous"


@pytest.mark.parametrize(
    ("name", "password"), [("李四", "Wrong-bridge-81"), ("无此人", PASSWORD), ("李四", "x" * 9999)]
)
def test_which_of_both_is_wrong_is_not_told(client, lisi, name, password):
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text
    assert SESSION not in answer.cookies


def test_wrong_passwords_lock_the_account_even_for_the_right_one(client, people):
    people.add("王五", ("viewer", None), password=PASSWORD)
    assert [sign_in(client, "王五", "Wrong-bridge-81").status_code for _ in range(FAILURES)] == [401] * FAILURES
    assert sign_in(client, "王五", PASSWORD).status_code == 429


def test_a_change_without_the_page_s_token_is_refused(client, people):
    me = people.as_person("planner-everywhere")
    forged = {name: value for name, value in me.items() if name != CSRF_HEADER}
    refused(client.post("/api/v1/plans", json=PLAN, headers=forged), 403, "csrf-missing")
    other = {**forged, CSRF_HEADER: csrf_of(people.secrets["viewer"])}
    refused(client.post("/api/v1/plans", json=PLAN, headers=other), 403, "csrf-missing")


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_form_of_another_site_is_refused(client, lisi, path):
    client.cookies.clear()
    foreign = {"Origin": "https://other.example"}
    answer = client.post(path, data={"name": lisi, "password": PASSWORD}, headers=foreign)
    assert answer.status_code == 403
    assert SESSION not in answer.cookies


@pytest.mark.parametrize(
    "target", ["//other.example", "https://other.example", "/\\other.example", "/a\r\nSet-Cookie: x=1"]
)
def test_signing_in_leads_to_no_other_site(client, lisi, target):
    answer = sign_in(client, lisi, PASSWORD, data={"next": target})
    assert answer.headers["Location"] == "/"
    assert sign_in(client, lisi, PASSWORD, data={"next": "/maps?lang=en"}).headers["Location"] == "/maps?lang=en"


def test_signing_out_ends_the_session_everywhere(client, lisi):
    sign_in(client, lisi, PASSWORD)
    kept = {"Cookie": f"{SESSION}={client.cookies[SESSION]}"}
    assert client.post("/sign-out").status_code == 303
    client.cookies.clear()
    eventually(lambda: client.get("/api/v1/me", headers=kept).json()["kind"] == "anonymous")


@pytest.mark.parametrize(
    "ended", [disable_account, lambda connection, one: set_password(connection, one, "Another-way-82")]
)
def test_disabling_and_a_new_password_end_sessions(client, people, ended):
    name = f"会话{ended.__name__}".replace("<lambda>", "")
    people.add(name, ("viewer", None), password=PASSWORD)
    me = people.as_person(name)
    assert client.get("/api/v1/me", headers=me).json()["name"] == name
    with connect(people.url) as connection, connection.begin():
        ended(connection, one_account(connection, name))
    eventually(lambda: client.get("/api/v1/me", headers=me).json()["kind"] == "anonymous")


def test_a_session_ends_by_itself(client, people):
    people.add("赵六", ("viewer", None))
    me = people.as_person("赵六")
    with psycopg.connect(people.url, options="-c search_path=gridwarden,public") as connection:
        connection.execute(
            "UPDATE session SET seen_at = seen_at - interval '61 minutes' "
            "WHERE account_id = (SELECT id FROM account WHERE name = '赵六')"
        )
    # when a session was used is no change that processes hear of: somebody who comes is
    people.add("周八", ("viewer", None))
    eventually(lambda: client.get("/api/v1/me", headers=me).json()["kind"] == "anonymous")


class TestTokens:
    @pytest.mark.parametrize("token", ["gw_", "gw_forged", "eyJhbGciOiJub25lIn0.e30.", "x" * 5000])
    def test_a_token_that_nobody_made_is_refused(self, client, token):
        answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}".encode()})
        refused(answer, 401, "token-not-good")

    @pytest.mark.parametrize("header", ["Basic bGlzaTp4", "gw_x", ""])
    def test_other_ways_to_show_who_one_is_are_refused(self, client, header):
        refused(client.get("/api/v1/me", headers={"Authorization": header}), 401, "token-not-good")

    def test_an_expired_token_is_refused(self, client, people):
        people.add_token("brief", "locate", expires_at=datetime.now(UTC) + timedelta(seconds=2))
        me = people.as_token("brief")
        eventually(lambda: client.get("/api/v1/me", headers=me).status_code == 200)
        eventually(lambda: client.get("/api/v1/me", headers=me).status_code == 401)

    def test_a_revoked_token_is_refused_at_once(self, client, people):
        people.add_token("gone", "locate")
        me = people.as_token("gone")
        eventually(lambda: client.get("/api/v1/me", headers=me).status_code == 200)
        with connect(people.url) as connection, connection.begin():
            revoke_token(connection, "gone")
        eventually(lambda: client.get("/api/v1/me", headers=me).status_code == 401)

    def test_a_token_has_a_rate_of_its_own(self, client, people):
        people.add_token("slow", "locate", per_minute=3)
        me = people.as_token("slow")
        eventually(lambda: client.get("/api/v1/me", headers=me).status_code == 200)
        found = [client.get("/api/v1/me", headers=me) for _ in range(8)]
        assert 429 in [one.status_code for one in found]
        assert int(found[-1].headers["Retry-After"]) > 0

    def test_the_database_holds_nothing_to_sign_in_with(self, people):
        held = str(people.ask("SELECT t::text FROM token AS t UNION ALL SELECT s::text FROM session AS s"))
        assert not [secret for secret in (*people.tokens.values(), *people.secrets.values()) if secret in held]
        hashes = [row[0] for row in people.ask("SELECT password FROM account WHERE password IS NOT NULL")]
        assert all(re.match(r"\$argon2id\$", one) for one in hashes)


class TestWhatIsSeenOfPeople:
    TEAMS = "/api/v1/teams?limit=1&area={}"

    def members(self, client, people, headers):
        code = people.ask(
            "SELECT v.code FROM team t JOIN area_version v USING (area_id) "
            "WHERE upper_inf(v.valid) AND upper_inf(t.valid) AND v.code LIKE %s || '%%' ORDER BY v.code LIMIT 1",
            people.here,
        )[0][0]
        return client.get(self.TEAMS.format(code), headers=headers).json()["items"][0]["members"]

    @pytest.mark.parametrize("who", ["viewer", "planner", "approver", "administrator", None])
    def test_names_and_numbers_are_masked_for_those_who_do_not_need_them(self, client, people, who):
        headers = {} if who is None else people.as_person(who)
        shown = self.members(client, people, headers)
        assert all("*" in member["name"] and "*" in (member["phone"] or "*") for member in shown)

    @pytest.mark.parametrize("who", ["steward", "auditor"])
    def test_those_who_need_them_see_them_and_it_is_written_down(self, client, people, who):
        shown = self.members(client, people, people.as_person(who))
        assert shown
        assert not any("*" in member["name"] for member in shown)
        last = people.ask("SELECT actor, action, details FROM trail ORDER BY number DESC LIMIT 1")[0]
        assert last[:2] == (who, "GET /api/v1/teams")
        assert '"personal_data": true' in last[2]

    def test_a_program_that_dispatches_sees_them(self, client, people):
        point = {"lon": 104.2802048, "lat": 30.1859716, "crs": "cgcs2000"}
        seen = client.get("/api/v1/locate", params=point, headers=people.as_token("dispatch")).json()
        masked = client.get("/api/v1/locate", params=point, headers=people.as_token("locate")).json()
        assert masked["grid"] == seen["grid"]
        assert "*" in masked["team"]["members"][0]["name"]
        assert "*" not in seen["team"]["members"][0]["name"]


def eventually(holds, seconds=10.0):
    """Wait until something holds: processes hear of changes a moment later."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_point_in_another_county_is_not_told_to_a_token_of_one(client, people):
    (here,), (there,) = (
        people.ask(
            "SELECT ST_AsText(ST_PointOnSurface(v.geom)) FROM area_version v WHERE v.code = %s AND upper_inf(v.valid)",
            code,
        )[0]
        for code in (people.here, people.there)
    )
    me = people.as_token("locate-here")

    def ask(point, **more):
        lon, lat = re.findall(r"[-\d.]+", point)
        return client.get("/api/v1/locate", params={"lon": lon, "lat": lat, "crs": "cgcs2000", **more}, headers=me)

    assert ask(here).json()["status"] == "found"
    refused(ask(there), 403, "access-elsewhere")
    edition = client.get("/api/v1/editions?limit=1").json()["items"][0]["edition"]
    assert ask(here, edition=edition).json()["status"] == "found"
    refused(ask(there, edition=edition), 403, "access-elsewhere")
