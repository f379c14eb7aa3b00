"""What a plan would do to the present state: drafts show it, and publishing does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from geo.adjust import Adjusted, Operation
from geo.findings import Finding
from geo.levels import Hierarchy
from geo.store.publish import NewVersions
from geo.store.scenes import Seen


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """Operations worked out on the state of one moment.

    Attributes
    ----------
    seen
        What they were worked out on.
    adjusted
        What they result in.
    findings
        Worst first, around what changes.
    standing
        Ids of the findings that are accepted, or that the plan neither creates nor enlarges.
    """

    seen: Seen
    adjusted: Adjusted
    findings: tuple[Finding, ...]
    standing: frozenset[str]

    def stopping(self) -> list[Finding]:
        """Return the findings that keep the plan from being published."""
        return [one for one in self.findings if one.blocking and one.id not in self.standing]

    def versions_seen(self) -> dict[int, int]:
        """Return the version id by area id of every area that changes or ends, mere new nodes aside."""
        return {
            area: self.seen.versions[area]
            for area in (*self.adjusted.changed, *self.adjusted.ended)
            if area in self.seen.versions
        }

    def new_codes(self) -> list[str]:
        """Return the codes of the new areas, in the order of their ids, descending from -1."""
        after = self.adjusted.after
        code_of = dict(zip(after.ids.tolist(), after.codes.tolist(), strict=True))
        return [code_of[area] for area in sorted((one for one in self.adjusted.created if one < 0), reverse=True)]

    def new_versions(self) -> NewVersions:
        """Return the versions that publishing opens: of areas that change, are new, or receive nodes."""
        raise NotImplementedError


def work_out(connection: Connection, at: datetime, operations: Sequence[Operation], hierarchy: Hierarchy) -> Worked:
    """Work operations out on the state of a moment, and check around what changes.

    Raises
    ------
    BadInput, Conflict, NotFound
        As :func:`geo.adjust.adjust`.
    """
    raise NotImplementedError
