"""The gazetteer in the store: names are learned as they are published, and looked up by letters, sound and number."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from geo.addresses.choosing import ABOVE_GRIDS
from geo.addresses.sounds import LONGEST_STEM, forms, keys_of_stem
from geo.addresses.spelling import Run, digits_of, parts_of, plain, spelt
from geo.store.sql import statement

_AT_ONCE: Final = 20_000


class _Named(NamedTuple):
    name: str
    stem: str
    digits: str


def learn_names(connection: Connection, edition: int) -> None:
    """Take into the gazetteer what an edition brought: part of its publication, so that both are there or neither.

    A name that is known costs a look; names of areas are few, however many areas bear them.
    """
    found = connection.execute(statement("gazetteer_new_names"), {"edition": edition})
    names = iter(found)
    heads: Heads | None = None
    while some := list(islice(names, _AT_ONCE)):
        if heads is None and any(row.is_address for row in some):
            heads = Heads(_area_names(connection))
        _write(connection, [_named(row.name, heads if row.is_address else None) for row in some])


class Heads:
    """Names of areas that addresses begin with: they say where a place is, not what it is called.

    Parameters
    ----------
    names
        Of areas above grids.
    """

    def __init__(self, names: Iterable[str]) -> None:
        every = {form.text for name in names for form in forms(plain(name)) if not form.bare}
        self._by_sign: dict[str, list[str]] = {}
        for each in sorted(every, key=len, reverse=True):
            if each:
                self._by_sign.setdefault(each[0], []).append(each)

    def taken_off(self, form: str) -> str:
        """Return a plain text without the areas that it begins with; something always stays."""
        while form:
            head = next((each for each in self._by_sign.get(form[0], ()) if form.startswith(each)), None)
            if head is None or not any(isinstance(part, Run) for part in parts_of(form[len(head) :])):
                break
            form = form[len(head) :]
        return form


def _named(name: str, heads: Heads | None) -> _Named:
    said = spelt(heads.taken_off(plain(name))) if heads else spelt(name)
    return _Named(name, said.stem, digits_of(said.numbers))


def _area_names(connection: Connection) -> list[str]:
    rows = connection.scalars(
        text(
            "SELECT DISTINCT v.name FROM area_version AS v JOIN area AS a ON a.id = v.area_id "
            "WHERE a.level = ANY(:levels) AND upper_inf(v.valid)"
        ),
        {"levels": sorted(ABOVE_GRIDS)},
    )
    return list(rows)


def _write(connection: Connection, named: Sequence[_Named]) -> None:
    wanted = sorted({each.stem for each in named if 0 < len(each.stem) <= 4 * LONGEST_STEM})
    known = connection.execute(
        text("SELECT id, text FROM place_stem WHERE text = ANY(CAST(:stems AS text[]))"), {"stems": wanted}
    )
    ids = {row.text: row.id for row in known}
    fresh = [stem for stem in wanted if stem not in ids]
    made = connection.execute(
        text("INSERT INTO place_stem (text) SELECT unnest(CAST(:stems AS text[])) RETURNING text, id"),
        {"stems": fresh},
    )
    ids.update({row.text: row.id for row in made})
    cursor = connection.connection.cursor()
    with cursor.copy("COPY place_key (stem_id, key, kind) FROM STDIN") as copy:
        for stem in fresh:
            for kind, key in keys_of_stem(stem):
                copy.write_row((ids[stem], key, kind))
    with cursor.copy("COPY place_name (name, stem_id, digits) FROM STDIN") as copy:
        for each in named:
            if each.stem in ids:
                copy.write_row((each.name, ids[each.stem], each.digits))


def stems_by_keys(
    connection: Connection, keys: Iterable[int], kinds: Sequence[int], most: int
) -> list[tuple[int, int, str]]:
    """Return key, id and text of the stems with some keys, of some kinds of keys."""
    rows = connection.execute(statement("gazetteer_stems"), {"keys": sorted(keys), "kinds": list(kinds), "most": most})
    return [(row.key, row.id, row.text) for row in rows]


def stems_begun(connection: Connection, head: str, key: int, most: int) -> list[tuple[int, str]]:
    """Return id and text of stems that begin with a text, then of those that hold it."""
    rows = connection.execute(
        statement("gazetteer_begun"), {"head": head, "behind": behind(head), "key": key, "most": most}
    )
    return sorted(((row.id, row.text) for row in rows), key=lambda row: (not row[1].startswith(head), len(row[1]), row))


def behind(head: str) -> str:
    """Return the least text, by code points, that follows all texts that begin with one."""
    return head[:-1] + chr(ord(head[-1]) + 1)


def ranges_of(digits: Iterable[str], *, typing: bool) -> Mapping[str, list[str]]:
    """Return the ranges in which numbers stand that go on where some end.

    Parameters
    ----------
    typing
        Whether the last of them may be unfinished: 1 may become 12.
    """
    known = [each for each in digits if each]
    lows = [each if typing else f"{each}." for each in known] or ["0"]
    highs = [f"{each}~" if typing else f"{each}/" for each in known] or ["~"]
    return {"lows": lows, "highs": highs}


def digit_runs(values: Sequence[str], longest: int) -> Iterator[str]:
    """Yield every row of numbers that follow each other, as they are stored; first that of none."""
    yield ""
    for begin in range(len(values)):
        for end in range(begin + 1, min(begin + longest, len(values)) + 1):
            yield ".".join(values[begin:end])
