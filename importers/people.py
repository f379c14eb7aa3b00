"""People as ledgers write them: several in one cell, with their numbers beside or among them."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final, Literal

from importers.cell_text import NOBODY, folded, phone

Doubt = Literal["ledger-phone-rounded", "ledger-phone-unreadable", "ledger-phone-form", "ledger-phones-unpaired"]

_BETWEEN_PEOPLE: Final = re.compile(r"[、,，;；/\n|]+")
_NUMBER_INSIDE: Final = re.compile(r"[(（:：]?\s*(\+?(?:86[- ]?)?1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}-?\d{7,8})\s*[)）]?")
_NOTE: Final = re.compile(r"[(（]([^()（）]*)[)）]\s*$")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_DOUBT_OF: Final[dict[str, Doubt]] = {
    "rounded": "ledger-phone-rounded",
    "unreadable": "ledger-phone-unreadable",
    "form": "ledger-phone-form",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person: personal data, kept out of every repr.

    Attributes
    ----------
    key
        The same for the same name and telephone number in any import; where there is no number, the same within one
        area. A digest, so that tables can refer to people without holding them; still personal data.
    name, phone
        As the ledger says; the number in digits, ``""`` where there is none.
    """

    key: str
    name: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mention:
    """A person as one cell mentions them, with a note such as ``（兼）`` and what speaks against the number."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    note: str
    doubt: Doubt | None

    def person(self, area_code: str) -> Person:
        """Return the person; the area tells people without a number apart."""
        identity = f"{folded(self.name)}|{self.phone or 'at ' + area_code}"
        key = hashlib.blake2b(identity.encode(), digest_size=12).hexdigest()
        return Person(key, self.name, self.phone)


def mentions(names_cell: str, phones_cell: str) -> list[Mention]:
    """Return the people in a cell of names, paired with a cell of telephone numbers.

    Several stand apart by ``、 , ; / |`` or a line break. Numbers may also stand behind each name in the same cell.
    Names and numbers pair in order when there are equally many; otherwise no number is given to anybody, but for a
    single person, who gets the first.
    """
    pieces = _pieces(names_cell)
    numbers = _pieces(phones_cell)
    paired = len(numbers) == len(pieces)
    first_for_one = len(pieces) == 1 and len(numbers) > 1
    doubt: Doubt | None = "ledger-phones-unpaired" if numbers and not paired else None
    found = [
        _mention(piece, numbers[index] if paired or first_for_one else "", doubt) for index, piece in enumerate(pieces)
    ]
    return [mention for mention in found if mention.name]


def _pieces(cell: str) -> list[str]:
    if folded(cell) in NOBODY:
        return []
    pieces = (piece.strip() for piece in _BETWEEN_PEOPLE.split(cell))
    return [piece for piece in pieces if folded(piece) not in NOBODY]


def _mention(piece: str, number: str, doubt: Doubt | None) -> Mention:
    inside = _NUMBER_INSIDE.search(piece)
    if inside is not None:
        piece = piece[: inside.start()] + piece[inside.end() :]
        number = number or inside[1]
    note = _NOTE.search(piece)
    name = plain_name(_NOTE.sub("", piece))
    read = phone(number)
    return Mention(
        name, read.digits, f"（{note[1]}）" if note else "", doubt or (_DOUBT_OF[read.doubt] if read.doubt else None)
    )


def plain_name(text: str) -> str:
    """Return a name without the blanks that align two-character names; other scripts keep one blank."""
    return "".join(text.split()) if _HAN.search(text) else " ".join(text.split())
