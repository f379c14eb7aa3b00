"""Signing in with a real provider, which runs as a process of its own on the loopback."""

import asyncio
import base64
import hmac
import socket
import subprocess
import sys
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.requests import Request

from api.guarding import Guarding
from api.openid import BACK, COOKIE, OpenId
from api.openid_settings import OpenIdSettings
from api.settings import Settings
from geo.access import ROLES
from geo.errors import BadInput, GeoError, Unidentified
from geo.store.accounts import add_account, disable_account, grant, list_accounts, one_account
from geo.store.connect import connect

SECRET = "a secret that nobody knows, of enough letters"
CLIENT = "gridwarden"
COUNTY = "519801"


@pytest.fixture(scope="module")
def provider():
    """The address of a provider that lets anybody say who they are."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{address}/.well-known/openid-configuration", trust_env=False)
                break
            except httpx.TransportError:
                assert process.poll() is None, "the provider did not start"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def url(cluster, clone, city_template):
    """A city with an administrator: from the first account on, everybody signs in."""
    with clone(city_template) as name:
        found = cluster.url("app", name)
        with connect(found) as connection, connection.begin():
            account = add_account(connection, "chief", password="Correct horse 42 staple")
            grant(connection, account, ["administrator"], None, three_officers=False)
        yield found


@pytest.fixture(scope="module")
def service(served, url, provider):
    settings = OpenIdSettings(provider, CLIENT, "its secret", roles_claim="gridwarden_roles", label="市统一认证")
    with served(url, openid=settings, guarding=Guarding(secret=SECRET, anonymous="none")) as found:
        yield found


@pytest.fixture
def browser(service):
    with httpx.Client(base_url=service.base_url, timeout=30, trust_env=False) as found:
        yield found


def known(provider, subject, **claims):
    answer = httpx.put(f"{provider}/users/{subject}", json=claims, trust_env=False)
    assert answer.status_code < 300, answer.text


def sent_away(browser, target="/maps"):
    answer = browser.get("/sign-in/oidc", params={"next": target})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def vouched(address, subject):
    """Sign in at the provider, as a person does on its page; return the address that it sends the browser to."""
    answer = httpx.post(address, data={"sub": subject}, trust_env=False)
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["Location"]


def signed_in(browser, subject, target="/maps"):
    back = vouched(sent_away(browser, target), subject)
    return browser.get(back)


def account_of(url, name):
    with connect(url) as connection:
        return one_account(connection, name)


# ---- the way there and back


def test_somebody_signs_in_and_is_an_account_of_their_own(browser, provider, url):
    known(provider, "li", preferred_username="李四")
    answer = signed_in(browser, "li")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/maps")
    found = browser.get("/api/v1/me")
    assert found.status_code == 200, found.text
    assert found.json()["name"] == "李四"
    account = account_of(url, "李四")
    assert (account.issuer, account.subject, account.held) == (provider, "li", ())


def test_the_provider_is_offered_on_the_sign_in_page(browser):
    page = browser.get("/sign-in?next=/maps&lang=zh").text
    assert "市统一认证" in page
    assert "/sign-in/oidc?next=%2Fmaps" in page


def test_the_flow_is_that_of_a_code_with_pkce_state_and_nonce(browser):
    asked = parse_qs(urlsplit(sent_away(browser)).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20
    assert asked["redirect_uri"][0].endswith(BACK)
    again = parse_qs(urlsplit(sent_away(browser)).query)
    assert not {asked[name][0] for name in ("state", "nonce", "code_challenge")} & {again[name][0] for name in again}


def test_the_second_time_it_is_the_same_account(browser, provider, url):
    known(provider, "wang", preferred_username="王五")
    signed_in(browser, "wang")
    first = account_of(url, "王五").id
    known(provider, "wang", preferred_username="王五（新名）")
    browser.cookies.clear()
    signed_in(browser, "wang")
    assert browser.get("/api/v1/me").json()["name"] == "王五"
    assert account_of(url, "王五").id == first


def test_a_name_that_is_taken_makes_nobody_its_owner(browser, provider, url):
    known(provider, "mallory", preferred_username="chief")
    signed_in(browser, "mallory")
    me = browser.get("/api/v1/me").json()
    assert me["name"] == "chief@127.0.0.1"
    assert account_of(url, "chief").subject is None
    assert account_of(url, "chief@127.0.0.1").held == ()


def test_roles_are_those_that_the_provider_tells_at_each_sign_in(browser, provider, url):
    known(
        provider,
        "zhao",
        preferred_username="赵六",
        gridwarden_roles=[f"planner@{COUNTY}", "viewer", "root", "planner@9"],
    )
    signed_in(browser, "zhao")
    held = {(one.role, one.code) for one in account_of(url, "赵六").held}
    assert held == {("planner", COUNTY), ("viewer", None)}
    known(provider, "zhao", preferred_username="赵六", gridwarden_roles="approver")
    signed_in(browser, "zhao")
    assert {(one.role, one.code) for one in account_of(url, "赵六").held} == {("approver", None)}
    assert "root" not in ROLES


def test_a_disabled_account_stays_outside(browser, provider, url):
    known(provider, "gone", preferred_username="gone")
    signed_in(browser, "gone")
    with connect(url) as connection, connection.begin():
        disable_account(connection, one_account(connection, "gone"))
    browser.cookies.clear()
    answer = signed_in(browser, "gone")
    assert answer.status_code == 403
    assert "gw_session" not in browser.cookies


# ---- tried and refused


def refused(answer):
    assert answer.status_code == 401, answer.text
    assert "text/html" in answer.headers["Content-Type"]
    assert "gw_session" not in answer.cookies


def test_a_session_from_before_is_not_the_one_after(browser, provider):
    """Session fixation: a secret that an attacker has planted opens nothing."""
    known(provider, "fix", preferred_username="fix")
    browser.cookies.set("gw_session", "planted", domain="127.0.0.1")
    signed_in(browser, "fix")
    held = [cookie.value for cookie in browser.cookies.jar if cookie.name == "gw_session"]
    assert len(set(held) - {"planted"}) == 1
    assert (
        httpx.get(
            f"{str(browser.base_url).rstrip(chr(47))}/api/v1/me", cookies={"gw_session": "planted"}, trust_env=False
        ).json()["name"]
        == ""
    )


def test_a_browser_that_was_not_sent_there_is_refused(browser, provider, service):
    """Login CSRF: an attacker's own code and state, in somebody else's browser."""
    back = vouched(sent_away(browser), "attacker")
    with httpx.Client(base_url=service.base_url, trust_env=False) as victim:
        refused(victim.get(back))
        sent_away(victim)
        refused(victim.get(back))


def test_an_answer_is_taken_once(browser, provider):
    known(provider, "once", preferred_username="once")
    address = sent_away(browser)
    kept = browser.cookies.get(COOKIE)
    back = vouched(address, "once")
    assert browser.get(back).status_code == 303
    browser.cookies.clear()
    refused(browser.get(back, headers={"Cookie": f"{COOKIE}={kept}"}))


@pytest.mark.parametrize("spoilt", ["", "x", "eyJhIjoxfQ.aaaaaa.bbbbbb"])
def test_a_cookie_that_is_not_ours_is_refused(browser, spoilt):
    back = vouched(sent_away(browser), "li")
    browser.cookies.clear()
    refused(browser.get(back, headers={"Cookie": f"{COOKIE}={spoilt}"}))


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state=y", "?error=access_denied&state=x", "?code=%00&state=%0d%0a"]
)
def test_what_comes_back_without_a_proof_is_refused(browser, query):
    sent_away(browser)
    refused(browser.get(BACK + query))


def test_another_provider_s_answer_is_refused(browser):
    back = vouched(sent_away(browser), "li")
    refused(browser.get(f"{back}&iss=https://evil.example"))


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y"]
)
def test_nobody_is_sent_on_to_another_site(browser, provider, target):
    known(provider, "li", preferred_username="李四")
    assert signed_in(browser, "li", target).headers["Location"] == "/"


def test_a_provider_that_is_down_is_said(served, url):
    settings = OpenIdSettings("http://127.0.0.1:1", CLIENT)
    with served(url, openid=settings, guarding=Guarding(secret=SECRET)) as client:
        answer = client.get("/sign-in/oidc")
        assert answer.status_code == 503
        assert "127.0.0.1:1" not in answer.text
    with served(url, guarding=Guarding(secret=SECRET)) as client:
        assert client.get("/sign-in/oidc").status_code == 503


# ---- forged proofs: what stands between the provider and us cannot make any up

ISSUER = "https://idp.example"
KEY, OTHER = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})


def claims(**changed):
    now = int(time.time())
    whole = {"iss": ISSUER, "sub": "li", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": "n"} | changed
    return {name: value for name, value in whole.items() if value is not None}


def proof(key=KEY, algorithm="RS256", **changed):
    return jwt.encode({"alg": algorithm, "kid": "one"}, claims(**changed), key, algorithms=[algorithm])


async def taken(token, *announced):
    """Let a provider, whose keys are known, answer with a proof."""
    openid = OpenId(OpenIdSettings(ISSUER, CLIENT, "x"), SECRET)
    openid.client.server_metadata.update(
        _loaded_at=1,
        issuer=ISSUER,
        jwks=KeySet([KEY]).as_dict(private=False),
        jwks_uri="http://127.0.0.1:1/none",
        token_endpoint="http://127.0.0.1:1/none",
        id_token_signing_alg_values_supported=list(announced or ("RS256",)),
    )

    async def fetched(**_):
        return {"id_token": token}

    openid.client.fetch_access_token = fetched
    state = {"_state_provider_s": {"data": {"nonce": "n", "redirect_uri": "x"}, "exp": time.time() + 60}}
    cookie = openid._cookies.dumps({**state, "target": "/"})
    scope = {
        "type": "http",
        "method": "GET",
        "path": BACK,
        "query_string": b"code=c&state=s",
        "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())],
    }
    found, _ = await openid.came_back(Request(scope))
    return found["sub"]


def signed_by_the_public_key():
    """Return a proof whose "secret" is the provider's public key, which everybody has."""
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
    text = f"{head}.{proof().split('.')[1]}"
    signature = hmac.digest(KEY.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


NONE = "eyJhbGciOiJub25lIiwia2lkIjoib25lIn0"


def unsigned():
    return f"{NONE}.{proof().split('.')[1]}."


FORGED = {
    "another key": lambda: proof(OTHER),
    "no signature": lambda: proof().rpartition(".")[0] + ".",
    "alg none": unsigned,
    "expired": lambda: proof(exp=int(time.time()) - 3600),
    "without an end": lambda: proof(exp=None),
    "for somebody else": lambda: proof(aud="other"),
    "without an audience": lambda: proof(aud=None),
    "by somebody else": lambda: proof(iss="https://evil.example"),
    "of another time": lambda: proof(nonce="m"),
    "without a nonce": lambda: proof(nonce=None),
    "for several": lambda: proof(aud=["other", CLIENT], azp="other"),
    "no proof at all": lambda: "x.y.z",
    "changed": lambda: proof().replace(".", ".e30", 1),
}


def test_a_good_proof_is_taken():
    assert asyncio.run(taken(proof())) == "li"


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("announced", [("RS256",), ("none", "HS256", "RS256"), ("none",)])
def test_a_forged_proof_is_refused_whatever_the_provider_announces(name, announced):
    with pytest.raises(Unidentified):
        asyncio.run(taken(FORGED[name](), *announced))


@pytest.mark.parametrize("announced", [("RS256",), ("HS256",), ("HS256", "RS256")])
def test_a_public_key_is_no_shared_secret(announced):
    with pytest.raises(Unidentified):
        asyncio.run(taken(signed_by_the_public_key(), *announced))


# ---- settings


@pytest.mark.parametrize("issuer", ["http://idp.example", "ftp://x", "idp.example", "http://10.0.0.1"])
def test_a_provider_over_an_open_line_is_refused(issuer):
    with pytest.raises(BadInput):
        Settings.from_environment({"GRIDWARDEN_OIDC_ISSUER": issuer, "GRIDWARDEN_OIDC_CLIENT_ID": "x"})


def test_a_provider_needs_a_client_and_none_is_none():
    with pytest.raises(GeoError):
        Settings.from_environment({"GRIDWARDEN_OIDC_ISSUER": ISSUER})
    assert Settings.from_environment({}).openid is None
    given = {
        "GRIDWARDEN_OIDC_ISSUER": f"{ISSUER}/",
        "GRIDWARDEN_OIDC_CLIENT_ID": "x",
        "GRIDWARDEN_PUBLIC_URL": "https://g/",
    }
    assert Settings.from_environment(given).openid == OpenIdSettings(ISSUER, "x", public_url="https://g")


def test_nobody_is_an_account_twice(url):
    with connect(url) as connection:
        found = [(one.issuer, one.subject) for one in list_accounts(connection) if one.issuer]
    assert len(found) == len(set(found))
