"""What a plan would do to the present state: drafts show it, and publishing does it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geo.adjust import Adjusted, Operation, Scene, adjust
from geo.change_check import Changed, check_changed
from geo.errors import Conflict
from geo.exceptions import lies_within, site_day
from geo.findings import Finding
from geo.levels import Hierarchy
from geo.measure import area_m2
from geo.store.findings import accepted_findings
from geo.store.publish import NewVersions
from geo.store.scenes import Seen, codes_used, load_scene

SITE_ZONE: Final = "Asia/Shanghai"
_TRIALS: Final = 5


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
    accepting
        Gaps that the plan leaves on purpose: it accepts them when it is published.
    """

    seen: Seen
    adjusted: Adjusted
    findings: tuple[Finding, ...]
    standing: frozenset[str]
    accepting: tuple[Finding, ...] = ()

    def stopping(self) -> list[Finding]:
        """Return the findings that keep the plan from being published."""
        meant = {one.id for one in self.accepting}
        return [one for one in self.findings if one.blocking and one.id not in self.standing | meant]

    def versions_seen(self) -> dict[int, int]:
        """Return the version id by area id of every area that changes or ends, mere new nodes aside."""
        return {
            area: self.seen.versions[area]
            for area in (*self.adjusted.changed, *self.adjusted.ended)
            if area in self.seen.versions
        }

    def new_codes(self) -> list[str]:
        """Return the codes that areas get: of new ones, and of those that had others; sorted."""
        return new_codes(self.seen.scene, self.adjusted)

    def new_versions(self) -> NewVersions:
        """Return the versions that publishing opens: of areas that change, are new, or receive nodes."""
        adjusted = self.adjusted
        opened = np.array([*adjusted.changed, *adjusted.created, *adjusted.noded], dtype=np.int64)
        areas = adjusted.after.take(np.isin(adjusted.after.ids, opened))
        return NewVersions(areas, area_m2(areas.geoms), np.isin(areas.ids, np.array(adjusted.noded, dtype=np.int64)))


def work_out(
    connection: Connection,
    at: datetime,
    operations: Sequence[Operation],
    hierarchy: Hierarchy,
    *,
    zone: str = SITE_ZONE,
) -> Worked:
    """Work operations out on the state of a moment, and check around what changes.

    Parameters
    ----------
    at
        The moment; pass the present.
    zone
        The site's, in which exceptions end with the day.

    Raises
    ------
    BadInput, Conflict, NotFound
        As :func:`geo.adjust.adjust`.
    """
    seen = load_scene(connection, at, operations, hierarchy)
    adjusted = _adjusted(connection, seen.scene, operations)
    changed = Changed(
        np.array([*adjusted.changed, *adjusted.created], dtype=np.int64), np.array(adjusted.ended, dtype=np.int64)
    )
    accepted = accepted_findings(connection, site_day(at, zone))
    findings, standing = check_changed(seen.scene.areas, adjusted.after, changed, accepted)
    meant = [one for one in findings if one.id not in standing and _is_meant(one, adjusted)]
    return Worked(seen, adjusted, tuple(findings), standing, tuple(meant))


def new_codes(scene: Scene, adjusted: Adjusted) -> list[str]:
    """Return the codes that areas get by an adjustment, sorted."""
    old = dict(zip(scene.areas.ids.tolist(), scene.areas.codes, strict=True))
    after = adjusted.after
    return sorted(code for area, code in zip(after.ids.tolist(), after.codes, strict=True) if old.get(area) != code)


def _adjusted(connection: Connection, scene: Scene, operations: Sequence[Operation]) -> Adjusted:
    """Adjust, and again where a code that was made turns out to have been used elsewhere."""
    for _ in range(_TRIALS):
        adjusted = adjust(scene, operations)
        back = {code for former in scene.former.values() for code in former.before.codes}
        used = codes_used(connection, set(new_codes(scene, adjusted)) - back)
        if not used:
            return adjusted
        scene = replace(scene, codes_taken=scene.codes_taken | used)
    raise Conflict("codes-used-elsewhere", place={"code": min(used)}, code=min(used))


def _is_meant(finding: Finding, adjusted: Adjusted) -> bool:
    """Tell whether a finding is a gap that an operation leaves on purpose."""
    return finding.kind == "gap" and any(
        finding.codes == (gap.parent,) and lies_within(finding.geometry, gap.geometry) for gap in adjusted.accepted_gaps
    )
