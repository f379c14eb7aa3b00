"""Where someone works on plans."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from api.settings import Settings
from geo.access import UNGUARDED, Principal
from geo.store.plans import Acting


@dataclass(frozen=True, slots=True)
class Desk:
    """Where someone works on plans: the connection, without an open transaction, the settings, and who it is.

    Attributes
    ----------
    acting
        What is written down.
    who
        What they may do.
    """

    connection: Connection
    settings: Settings
    acting: Acting
    who: Principal = UNGUARDED

    def signed(self, reason: str | None) -> "Desk":
        """Return the desk of the same person, with a reason."""
        return replace(self, acting=replace(self.acting, reason=reason))
