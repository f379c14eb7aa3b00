"""What became of an address: one answer, several places it may be, or the area that it names."""

from dataclasses import dataclass
from typing import Literal

from geo.addresses.choosing import Candidate
from geo.locate.records import Answer, AreaRecord, Responsible

AddressStatus = Literal["located", "ambiguous", "not_found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an address.

    Attributes
    ----------
    status
        ``located`` where all that the address may mean has one answer.
    answer
        Of a located address, at ``point``.
    point
        Longitude and latitude in degrees, EPSG:4490.
    certain
        Whether the address is in the gazetteer as it is written, and its point certain.
    candidates
        Places that it may mean, the likeliest first; of a located one what it was taken for.
    area
        Of an address that is not found, the smallest area that it names.
    chain
        That area and those above it, the largest first.
    responsible
        Who is responsible for it.
    """

    status: AddressStatus
    answer: Answer | None = None
    point: tuple[float, float] | None = None
    certain: bool = False
    candidates: tuple[Candidate, ...] = ()
    area: AreaRecord | None = None
    chain: tuple[AreaRecord, ...] = ()
    responsible: Responsible | None = None
