"""What an area was: its versions, and which area came from which."""

from datetime import datetime
from typing import Any, Final

from api.view import View
from geo.errors import NotFound
from geo.store.lineage import LineageRecord, VersionRecord, areas_with_code, lineage_of, versions_of

MOST_RECORDS: Final = 2_000
"""Lines of lineage in one answer; further generations are left out, and said to be."""


def history_document(view: View, code: str) -> dict[str, Any]:
    """Return the versions of the area that bears or bore a code, the oldest first, up to the moment asked for.

    Raises
    ------
    NotFound
        ``unknown-area``: no area had that code until then.
    """
    versions = _versions(view, code)
    return {"code": code, "items": [_version(view, one) for one in versions], **view.stamp()}


def lineage_document(view: View, code: str, generations: int) -> dict[str, Any]:
    """Return where an area came from and what became of it, up to the moment asked for.

    Parameters
    ----------
    generations
        How far to follow: 1 for the areas that it has land from, and those that have its land.

    Raises
    ------
    NotFound
        ``unknown-area``: no area had that code until then.
    """
    last = _versions(view, code)[-1]
    backward = _followed(view, last.area_id, generations, backward=True)
    forward = _followed(view, last.area_id, generations, backward=False)
    return {
        "code": last.code,
        "name": last.name,
        "level": last.level,
        "from": [_line(view, generation, one) for generation, one in backward],
        "to": [_line(view, generation, one) for generation, one in forward],
        "complete": max(len(backward), len(forward)) < MOST_RECORDS,
        **view.stamp(),
    }


def _versions(view: View, code: str) -> list[VersionRecord]:
    """Return the versions until the moment of the area that bore a code last by then."""
    for area_id in areas_with_code(view.connection, code):
        known = [one for one in versions_of(view.connection, area_id) if one.valid_from <= view.at]
        if any(one.code == code for one in known):
            return known
    raise NotFound("unknown-area", place={"code": code}, code=code)


def _followed(view: View, area_id: int, generations: int, *, backward: bool) -> list[tuple[int, LineageRecord]]:
    """Return generation and record, away from an area; what an area kept of its own land is no descent.

    Going back, only what an area had got before it passed land on counts; going forward, only what it gave later.
    """
    reached: dict[int, datetime | None] = {area_id: None}
    found: dict[tuple[int, int | None, int | None], tuple[int, LineageRecord]] = {}
    for generation in range(1, generations + 1):
        further: dict[int, datetime | None] = {}
        for one, bound in reached.items():
            for record in lineage_of(view.connection, one, until=view.at):
                near, far = (record.to_id, record.from_id) if backward else (record.from_id, record.to_id)
                if near != one or far == one or not _within(record.at, bound, backward=backward):
                    continue
                found.setdefault((record.edition, record.from_id, record.to_id), (generation, record))
                if far is not None:
                    widest = further.get(far) or record.at
                    further[far] = max(widest, record.at) if backward else min(widest, record.at)
        if not further or len(found) >= MOST_RECORDS:
            break
        reached = further
    return list(found.values())[:MOST_RECORDS]


def _within(at: datetime, bound: datetime | None, *, backward: bool) -> bool:
    if bound is None:
        return True
    return at < bound if backward else at > bound


def _version(view: View, one: VersionRecord) -> dict[str, Any]:
    names = (
        *("code", "local_code", "name", "level", "kind", "category", "parent", "area_m2"),
        *("not_subdivided", "fully_divided", "noded", "edition", "plan", "title"),
    )
    return {
        **{name: getattr(one, name) for name in names},
        "valid_from": view.moment_text(one.valid_from),
        "valid_to": one.valid_to and view.moment_text(one.valid_to),
    }


def _line(view: View, generation: int, one: LineageRecord) -> dict[str, Any]:
    return {
        "generation": generation,
        "edition": one.edition,
        "at": view.moment_text(one.at),
        "plan": one.plan,
        "operation": one.operation,
        "from": None if one.from_id is None else {"code": one.from_code, "name": one.from_name},
        "to": None if one.to_id is None else {"code": one.to_code, "name": one.to_name},
        "area_m2": one.area_m2,
        "share_of_from": one.share_of_from,
        "share_of_to": one.share_of_to,
        "households": one.households,
    }
