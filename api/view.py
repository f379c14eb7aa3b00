"""What a request sees: one state of the database, at the moment it asks for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Query
from sqlalchemy import Connection
from starlette.requests import Request

from api.asked_moment import asked_moment, moment_text
from api.identity import EXPORT
from api.settings import Settings
from geo.errors import Unavailable
from geo.store.connect import reading, writing
from geo.store.locating import VIEWS, TeamView

LARGEST_EDITION: Final = 2**63 - 1

AtParam = Annotated[
    str | None,
    Query(
        description="时刻，RFC 3339；不带时差为当地时间；只写日期指当日结束时；默认现在。/ "
        "Moment, RFC 3339; without offset it is site time; a bare date means the close of that day; default now."
    ),
]
EditionParam = Annotated[
    int | None,
    Query(
        ge=1,
        le=LARGEST_EDITION,
        examples=[9],
        description="期号，可重现的写法，代替 at。/ Edition: the reproducible form, instead of `at`.",
    ),
]


@dataclass(frozen=True, slots=True)
class View:
    """One state of the database, at one moment.

    Attributes
    ----------
    at, edition
        The moment asked for, and the edition that held then; 0 before the first.
    asked
        ``at`` as it was given, None without.
    """

    connection: Connection
    settings: Settings
    at: datetime
    edition: int
    asked: str | None = None

    @classmethod
    def of(cls, connection: Connection, settings: Settings, at: str | None, edition: int | None) -> "View":
        """Resolve the moment that a request asks for; raises like :func:`api.asked_moment.asked_moment`."""
        moment, held = asked_moment(connection, settings, at, edition)
        return cls(connection, settings, moment, held, at)

    @property
    def teams(self) -> TeamView:
        """What HTTP shows of teams."""
        return VIEWS[self.settings.contacts]

    def require_edition(self, least: int) -> None:
        """Refuse where the edition is older than someone demands.

        Raises
        ------
        Unavailable
            ``edition-not-yet``.
        """
        if self.edition < least:
            place = {"field": "min_edition"}
            raise Unavailable("edition-not-yet", place=place, wanted=least, present=self.edition)

    def moment_text(self, moment: datetime) -> str:
        """Return a moment as answers show it."""
        return moment_text(moment, self.settings)

    def stamp(self) -> dict[str, object]:
        """Return what every answer carries."""
        return {"edition": self.edition, "at": self.moment_text(self.at)}

    def pin(self) -> Mapping[str, object]:
        """Return the parameters by which the next page is of the same moment as this one."""
        return {"at": self.asked} if self.asked is not None else {"edition": self.edition}


def settings_of(request: Request) -> Settings:
    """Return the settings of the app, as whoever asks may see people."""
    settings: Settings = request.app.state.settings
    return replace(settings, contacts="full") if request.scope.get(EXPORT) else settings


def _view(request: Request, at: AtParam = None, edition: EditionParam = None) -> Iterator[View]:
    with reading(request.app.state.engine) as connection:
        yield View.of(connection, settings_of(request), at, edition)


def _connection(request: Request) -> Iterator[Connection]:
    with reading(request.app.state.engine) as connection:
        yield connection


def _writing(request: Request) -> Iterator[Connection]:
    with writing(request.app.state.engine) as connection:
        yield connection


ViewDep = Annotated[View, Depends(_view)]
ConnectionDep = Annotated[Connection, Depends(_connection)]
WritingDep = Annotated[Connection, Depends(_writing)]
SettingsDep = Annotated[Settings, Depends(settings_of)]
