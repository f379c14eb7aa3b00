"""How often someone asks: counted a minute at a time, in bounded memory."""

from collections import Counter
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from time import monotonic
from typing import Final

from starlette.types import Scope

from geo.errors import TooOften

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


class AddressRates:
    """The site's limit on addresses; the loopback is not counted.

    Parameters
    ----------
    most
        Requests a minute.
    """

    def __init__(self, most: int) -> None:
        self._rates = Rates(most)

    def require_few(self, scope: Scope) -> None:
        """Count a request.

        Raises
        ------
        TooOften
            ``too-many-requests``.
        """
        client = scope.get("client")
        if client is None or client[0] in LOOPBACK:
            return
        wait_s = self._rates.wait_s(caller_of(client[0]), monotonic())
        if wait_s:
            raise TooOften("too-many-requests", most=self._rates.most, wait_s=wait_s)


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
