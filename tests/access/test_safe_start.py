"""Where the service listens: beyond the loopback only once somebody administers it and what is sent is encrypted."""

from pathlib import Path

import pytest

from api.guarding import Guarding
from api.listening import listening
from api.settings import Settings
from geo.access import OFFICERS
from geo.errors import BadInput, Refused
from geo.store.accounts import add_account, grant
from geo.store.connect import connect

SECRET = "s" * 32


def refusal(url, **guarding):
    """Try to listen on all addresses; return why not, None where it does."""
    settings = Settings(home=Path("none"), database_url=url, guarding=Guarding(**guarding))
    try:
        with listening("0.0.0.0", 0, settings):
            return None
    except Refused as refused:
        return refused.kind


@pytest.fixture(scope="module")
def add(app_url):
    """Return a way to make an account that holds a role everywhere."""

    def account(role):
        with connect(app_url) as connection, connection.begin():
            grant(connection, add_account(connection, role), [role], None, three_officers=False)

    return account


def test_it_takes_an_administrator_then_a_secret_then_encryption(app_url, add):
    whole = {"secret": SECRET, "trusted_proxies": ("10.0.0.5",)}
    assert refusal(app_url, **whole) == "serve-beyond-loopback"
    add("viewer")
    assert refusal(app_url, **whole) == "serve-beyond-loopback"
    add("administrator")
    assert refusal(app_url) == "serve-without-secret"
    assert refusal(app_url, secret=SECRET) == "serve-without-encryption"
    assert refusal(app_url, secret=SECRET, tls_cert=Path("cert.pem")) == "serve-without-encryption"
    assert refusal(app_url, **whole) is None
    assert refusal(app_url, secret=SECRET, tls_cert=Path("cert.pem"), tls_key=Path("key.pem")) is None


def test_with_three_officers_it_takes_all_of_them(app_url, add):
    whole = {"secret": SECRET, "trusted_proxies": ("10.0.0.5",), "three_officers": True}
    for officer in sorted(OFFICERS):
        assert refusal(app_url, **whole) == "serve-beyond-loopback"
        add(officer)
    assert refusal(app_url, **whole) is None


def test_the_settings_are_read_and_wrong_ones_refused():
    given = {
        "GRIDWARDEN_ANONYMOUS": "locate",
        "GRIDWARDEN_THREE_OFFICERS": "1",
        "GRIDWARDEN_SECRET": SECRET,
        "GRIDWARDEN_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/16",
    }
    found = Guarding.of(given)
    assert (found.anonymous, found.three_officers, found.is_encrypted) == ("locate", True, True)
    assert found.trusted_proxies == ("10.0.0.5", "10.1.0.0/16")
    assert SECRET not in repr(found)
    assert not Guarding.of({}).is_encrypted


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("GRIDWARDEN_ANONYMOUS", "all", "unknown-setting"),
        ("GRIDWARDEN_THREE_OFFICERS", "yes", "unknown-setting"),
        ("GRIDWARDEN_SECRET", "short", "secret-short"),
        ("GRIDWARDEN_TRUSTED_PROXIES", "proxy.example", "unknown-setting"),
    ],
)
def test_a_setting_that_is_none_of_those_known_is_refused(name, value, kind):
    with pytest.raises(BadInput) as refused:
        Guarding.of({name: value})
    assert refused.value.kind == kind
