"""How often someone asks: counted a minute at a time, in bounded memory."""

from collections import Counter
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

_MINUTE_S: Final = 60
_MOST_KNOWN: Final = 100_000
"""Callers that are remembered; more in one minute begin anew, which costs nobody but us."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


class Rates:
    """Requests of this minute, by whoever asked.

    Parameters
    ----------
    most
        Requests a minute that are answered.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute = -1
        self._counts: Counter[str] = Counter()

    def wait_s(self, caller: str, now_s: float, most: int | None = None) -> int:
        """Count a request.

        Parameters
        ----------
        now_s
            Of any clock that only goes forward.
        most
            Of this caller, where it is not that of all.

        Returns
        -------
        int
            0, or after how many seconds to ask again where it is one too many.
        """
        minute = int(now_s // _MINUTE_S)
        if minute != self._minute or len(self._counts) > _MOST_KNOWN:
            self._minute = minute
            self._counts.clear()
        self._counts[caller] += 1
        allowed = self.most if most is None else most
        return 0 if self._counts[caller] <= allowed else max(1, int((minute + 1) * _MINUTE_S - now_s) + 1)


@lru_cache(maxsize=4096)
def caller_of(host: str) -> str:
    """Return whom an address is counted as: itself, or of IPv6 its /64, which one household has whole."""
    if ":" not in host:
        return host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return ":".join(address.exploded.split(":")[:4]) if isinstance(address, IPv6Address) else host
