"""How much of a stranger's file is read before it is refused."""

from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on files, archives and shapes; a file above one of them is refused, never cut.

    Attributes
    ----------
    file_bytes
        Size of the file as given.
    unpacked_bytes
        Size of an archive's entries together, unpacked.
    archive_ratio
        Unpacked size over packed size, judged above 8 MiB unpacked (deflate reaches 1,032; a real DBF about 60).
    archive_entries
        Entries of an archive, folders included.
    vertices
        Vertices of all rows together.
    ring_vertices
        Vertices of one ring. The longest county of Sichuan has some thousand: a ring of a million is a mistake
        that would stall every later step, so half a million is the end.
    """

    file_bytes: int = 4096 * MEBIBYTE
    unpacked_bytes: int = 4096 * MEBIBYTE
    archive_ratio: int = 200
    archive_entries: int = 1000
    vertices: int = 200_000_000
    ring_vertices: int = 500_000


def mebibytes(size_bytes: int) -> int:
    """Return a size in MiB, rounded up, as people read it."""
    return -(-size_bytes // MEBIBYTE)
