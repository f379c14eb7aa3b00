"""The invented city with people in it: one for each role, in one county; and tokens of programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from api.identity import CSRF_HEADER, SESSION, csrf_of
from geo.access import ROLES
from geo.store.accounts import add_account, grant
from geo.store.connect import connect
from geo.store.sessions import open_session
from geo.store.tokens import NewToken, create_token

PASSWORD = "Qinghe-Bridge-81"


@dataclass
class People:
    """Who there is in a database, and what each sends along to be let in."""

    url: str
    here: str
    there: str
    secrets: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def as_person(self, name: str) -> dict[str, str]:
        """Return the headers of somebody who has signed in."""
        secret = self.secrets[name]
        return {"Cookie": f"{SESSION}={secret}", CSRF_HEADER: csrf_of(secret)}

    def as_token(self, name: str) -> dict[str, str]:
        """Return the header of a program."""
        return {"Authorization": f"Bearer {self.tokens[name]}"}

    def add(self, name: str, *grants: tuple[str, str | None], password: str | None = None) -> None:
        """Make an account with roles in areas, and sign it in."""
        with connect(self.url) as connection, connection.begin():
            account = add_account(connection, name, password=password)
            for role, code in grants:
                grant(connection, account, [role], code, three_officers=False)
            self.secrets[name] = open_session(connection, account.id)

    def add_token(self, name: str, *scopes: str, within: str | None = None, **more: Any) -> None:
        """Make a token."""
        with connect(self.url) as connection, connection.begin():
            new = NewToken(name, scopes, () if within is None else (within,), **more)
            _, self.tokens[name] = create_token(connection, new, "root")

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return rows of the database."""
        with psycopg.connect(self.url, options="-c search_path=gridwarden,public") as connection:
            return connection.execute(sql, values).fetchall()


def settle(url: str) -> People:
    """Put people into a copy of the invented city."""
    people = People(url, "", "")
    codes = people.ask(
        "SELECT v.code FROM area_version v JOIN area a ON a.id = v.area_id WHERE a.level = 'county' ORDER BY v.code"
    )
    people.here, people.there = codes[0][0], codes[1][0]
    for role in ROLES:
        people.add(role, (role, people.here))
        people.add(f"{role}-everywhere", (role, None))
    for scope in ("locate", "read", "write"):
        people.add_token(scope, scope)
        people.add_token(f"{scope}-here", scope, within=people.here)
    people.add_token("dispatch", "locate", "contacts")
    return people


@pytest.fixture(scope="module")
def people(city_url: str) -> People:
    """Return the people of the module's city."""
    return settle(city_url)


@pytest.fixture(scope="module")
def client(served: Any, people: People) -> Iterator[httpx.Client]:
    """Serve the module's city, once the people are in it."""
    with served(people.url) as found:
        yield found


@pytest.fixture(scope="session")
def guarded(served: Any, cluster: Any, clone: Any, city_template: str) -> Any:
    """Return a way to serve a city of one's own, with people in it."""

    @contextmanager
    def running(**settings: Any) -> Iterator[tuple[httpx.Client, People]]:
        with clone(city_template) as name:
            people = settle(cluster.url("app", name))
            with served(people.url, **settings) as found:
                yield found, people

    return running
