"""``POST /api/v1/locate``: many points in one request, in any of the formats, all of them seeing one edition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.language import language_of
from api.many_answers import Documents, ManyAnswers, Row, pinned
from api.many_body import CSV, JSON, NDJSON, Formats, Received, received_file, received_whole, require_few_points
from api.many_json import accuracy_of, as_document, as_lines, envelope, lines, name_of
from api.many_tables import ArrowPoints, CsvPoints
from api.parameters import named_crs
from api.view import settings_of
from geo.crs import Crs
from geo.errors import GeoError
from importers.point_locating import PointLocating
from importers.point_rows import PointReader


@dataclass(frozen=True, slots=True)
class AskedOfAll:
    """What a request says of all its points, where they do not say otherwise."""

    crs: str | None = None
    accuracy_m: float = 0.0
    at: str | None = None
    edition: int | None = None
    min_edition: int = 0

    def with_body(self, document: Mapping[str, Any]) -> "AskedOfAll":
        """Return the same with what a JSON body says beside its points."""
        accuracy = document.get("accuracy")
        return replace(
            self,
            crs=name_of(document, "crs") or self.crs,
            accuracy_m=self.accuracy_m if accuracy is None else accuracy_of(accuracy),
            at=name_of(document, "at") or self.at,
        )

    def system(self) -> Crs | None:
        """Return the coordinate system, None where rows say it."""
        return None if self.crs is None else named_crs(self.crs)


async def answered_many(request: Request, asked: AskedOfAll) -> StreamingResponse:
    """Answer a request; what is wrong with it as a whole is raised before the answer begins.

    Raises
    ------
    GeoError
        Formats, limits, the moment, a body that cannot be read.
    """
    formats, limits = Formats.of(request), settings_of(request).limits
    if formats.given == JSON:
        document, rows = await run_in_threadpool(envelope, await received_whole(request, limits))
        require_few_points(len(rows), limits)
        asked = asked.with_body(document)
        return _as_json(await _answers(request, asked), asked, formats, rows)
    asked.system()
    received = await received_file(request, formats.given, limits)
    try:
        answers = await _answers(request, asked)
        if formats.given == NDJSON:
            return _as_json(answers, asked, formats, lines(received.path), received)
        return await run_in_threadpool(_as_table, answers, asked, formats, received)
    except BaseException:
        received.close()
        raise


async def _answers(request: Request, asked: AskedOfAll) -> ManyAnswers:
    asked.system()
    pin = await pinned(request, asked.at, asked.edition, asked.min_edition)
    state = request.app.state
    return ManyAnswers(pin, state.settings, state.engine, language_of(request))


def _as_json(
    answers: ManyAnswers,
    asked: AskedOfAll,
    formats: Formats,
    rows: Iterable[Row | GeoError],
    received: Received | None = None,
) -> StreamingResponse:
    reader = PointReader(asked.system(), answers.pin.edition, answers.named)
    documents = Documents(answers, reader, asked.crs, asked.accuracy_m)
    one = formats.answered == JSON
    parts = as_document(answers.stamp(), rows, documents) if one else as_lines(rows, documents)
    return _Answering(parts, received, media_type=formats.answered)


def _as_table(answers: ManyAnswers, asked: AskedOfAll, formats: Formats, received: Received) -> StreamingResponse:
    crs, path = asked.system(), received.path
    table: CsvPoints | ArrowPoints
    if formats.given == CSV:
        table = CsvPoints(path, formats.charset, crs)
    else:
        table = ArrowPoints(path, crs)
        require_few_points(table.count, answers.settings.limits)
    reader = PointReader(crs, answers.pin.edition, answers.named)
    locating = PointLocating(reader, answers.answers, asked.accuracy_m)
    parts = table.answered(locating, answers.lang)
    headers = {"Gridwarden-Edition": str(answers.pin.edition)}
    return _Answering(parts, received, media_type=table.media_type, headers=headers)


class _Answering(StreamingResponse):
    """Streams an answer, and removes what came in at the end, also where the client goes away before."""

    def __init__(self, parts: Iterable[bytes], received: Received | None, **more: Any) -> None:
        super().__init__(parts, **more)
        self._received = received

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._received is not None:
                self._received.close()
