"""Answers about many points that all see one edition: from memory where it is the present one, else from PostGIS."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.asked_moment import moment_text
from api.errors import detail
from api.live import Live
from api.settings import Settings
from api.view import View
from geo.errors import GeoError, Unavailable
from geo.locate.many import answers, texts
from geo.locate.ready import ReadyCity
from geo.locate.records import Answer
from geo.messages import Language, sentence
from geo.store.connect import reading
from geo.store.editions import present
from geo.store.locating import RADIUS_M, VIEWS, Question
from importers.point_answers import Neighbourhoods
from importers.point_locating import by_edition, question_of
from importers.point_rows import EditionCalendar, Given, Place, PointReader

ROWS_AT_A_TIME: Final = 1_000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pin:
    """What all points of a request see.

    Attributes
    ----------
    city
        None where PostGIS answers.
    """

    edition: int
    at: datetime
    stale: bool = False
    city: ReadyCity | None = None


async def pinned(request: Request, at: str | None, edition: int | None, min_edition: int) -> Pin:
    """Return what a request sees, from now to its end.

    Raises
    ------
    GeoError
        As :class:`api.view.View` and :meth:`api.live.Live.at_least` do.
    """
    live: Live = request.app.state.live
    if at is None and edition is None and live.standing.snapshot is not None:
        standing = await live.at_least(min_edition)
        if standing.snapshot is not None:
            return Pin(standing.edition, datetime.now(UTC), standing.stale, standing.snapshot.city)
    return await run_in_threadpool(_pinned_in_store, request, at, edition, min_edition)


def _pinned_in_store(request: Request, at: str | None, edition: int | None, min_edition: int) -> Pin:
    with reading(request.app.state.engine) as connection:
        view = View.of(connection, request.app.state.settings, at, edition)
        view.require_edition(min_edition)
        return Pin(view.edition, view.at)


@dataclass(slots=True)
class ManyAnswers:
    """Answers points for one request; used by one thread at a time.

    Attributes
    ----------
    lang
        Of sentences outside JSON.
    """

    pin: Pin
    settings: Settings
    engine: Engine
    lang: Language
    _past: tuple[EditionCalendar, Neighbourhoods] | None = field(default=None, init=False)

    def named(self, text: str) -> tuple[int, datetime]:
        """Return the edition and the moment that a row names."""
        return self._history()[0].named(text)

    def answers(self, edition: int, questions: Sequence[Question]) -> Sequence[Answer | GeoError]:
        """Answer questions as of one edition, each with a refusal where the past cannot be read now."""
        city = self.pin.city
        if city is not None and edition == self.pin.edition:
            return answers(city, [(each.point(), each.accuracy_m, each.radius_m) for each in questions])
        try:
            around = self._history()[1]
            with reading(self.engine) as connection:
                return around.answers(connection, edition, questions)
        except Unavailable as refusal:
            # what a failing server says names hosts
            facts = {**refusal.facts, "reason": sentence("reason-in-log", self.lang)}
            return [Unavailable(refusal.kind, place={"field": "at"}, **facts)] * len(questions)

    def _history(self) -> tuple[EditionCalendar, Neighbourhoods]:
        if self._past is None:
            with reading(self.engine) as connection:
                calendar = EditionCalendar.of(connection, present(connection).at, self.settings.zone)
            view = VIEWS[self.settings.contacts]
            self._past = calendar, Neighbourhoods(calendar.published, self.settings.hierarchy, view)
        return self._past

    def stamp(self) -> dict[str, object]:
        """Return what the answer as a whole carries."""
        pin = self.pin
        return {"edition": pin.edition, "at": moment_text(pin.at, self.settings), "stale": pin.stale}


class Documents:
    """Writes the JSON of answers, row by row.

    Parameters
    ----------
    reader
        What rows mean.
    crs
        The name of the system of rows that do not name their own.
    """

    def __init__(self, answers: ManyAnswers, reader: PointReader, crs: str | None, accuracy_m: float) -> None:
        self._answers, self._reader, self._crs, self._accuracy_m = answers, reader, crs, accuracy_m
        self._stamp = answers.stamp()
        self._rows = 0

    def of(self, rows: Sequence[Row | GeoError], given_of: Callable[[Row], Given]) -> Iterator[bytes]:
        """Yield a JSON object for each row, in order."""
        givens: list[Given | GeoError] = []
        for row in rows:
            try:
                givens.append(row if isinstance(row, GeoError) else given_of(row))
            except GeoError as refusal:
                givens.append(refusal)
        places = self._reader.read(givens)
        found = by_edition(places, self._found)
        for number, (row, place) in enumerate(zip(rows, places, strict=True)):
            self._rows += 1
            outcome = found[number] if isinstance(place, Place) else place
            own = {} if isinstance(row, GeoError) else row
            if isinstance(outcome, GeoError):
                yield self._refusal(own, outcome)
            elif isinstance(place, Place):
                yield b"".join((outcome, b",", self._rest(own, place)))

    def _found(self, edition: int, places: Sequence[Place]) -> Sequence[bytes | GeoError]:
        """Return the JSON of answers without the closing brace."""
        questions = [question_of(place, self._accuracy_m, RADIUS_M) for place in places]
        pin = self._answers.pin
        if pin.city is not None and edition == pin.edition:
            return texts(pin.city, [(each.point(), each.accuracy_m, each.radius_m) for each in questions])
        answered = self._answers.answers(edition, questions)
        return [one if isinstance(one, GeoError) else _json(one.document())[:-1] for one in answered]

    def _rest(self, row: Row, place: Place) -> bytes:
        """Return the members that come after those of the answer itself, and the closing brace."""
        point = {"lon": row["lon"], "lat": row["lat"], "crs": row.get("crs") or self._crs}
        at = self._stamp["at"] if place.at is None else moment_text(place.at, self._answers.settings)
        stale = self._stamp["stale"] and place.at is None
        rest = {"point": point, "edition": place.edition, "at": at, "stale": stale}
        if "id" in row:
            rest["id"] = row["id"]
        return _json(rest)[1:]

    def _refusal(self, row: Row, refusal: GeoError) -> bytes:
        error = detail(refusal)
        error["place"] = {"row": self._rows, **refusal.place}
        own = {"id": row["id"]} if "id" in row else {}
        return _json({**own, "status": "error", "error": error, "edition": self._stamp["edition"]})


def _json(document: Mapping[str, object]) -> bytes:
    # only in this form can everything that came in as JSON go out again, halves of surrogate pairs too
    return json.dumps(document, separators=(",", ":")).encode()
