"""What passwords must be like, and when an account is locked after wrong ones. Pure: hashing stands in the store."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from geo.errors import BadInput

LEAST: Final = 10
MOST: Final = 128
"""Characters; longer ones would only keep the machine busy."""
CLASSES: Final = 3
"""How many of lower case, upper case, digits and other characters a password holds."""
FAILURES: Final = 5
LOCKED: Final = timedelta(minutes=15)
"""So many wrong passwords within this time lock an account for as long."""
_OFTEN: Final = ("password", "passw0rd", "qwerty", "123456", "abc123", "admin", "gridwarden", "888888", "111111")


def require_password(name: str, password: str) -> None:
    """Refuse a password that would be guessed.

    Raises
    ------
    BadInput
        ``password-weak``, with what is missing.
    """
    lowered = password.casefold()
    kinds = (str.islower, str.isupper, str.isdigit, lambda one: not one.isalnum())
    classes = sum(any(kind(one) for one in password) for kind in kinds)
    lies_open = len(name) > 2 and name.casefold() in lowered
    is_known = any(word in lowered for word in _OFTEN)
    fits = LEAST <= len(password) <= MOST and classes >= CLASSES
    if not fits or lies_open or is_known or not password.isprintable():
        raise BadInput("password-weak", place={"field": "password"}, least=LEAST, most=MOST, classes=CLASSES)


def locked_until(failures: Sequence[datetime]) -> datetime | None:
    """Return until when an account is locked, None where it is not.

    Parameters
    ----------
    failures
        The moments of wrong passwords since the last right one, in any order.
    """
    last = sorted(failures)[-FAILURES:]
    if len(last) < FAILURES or last[-1] - last[0] > LOCKED:
        return None
    return last[-1] + LOCKED
