"""The residences that a plan moves, as a table."""

import csv
import io
from typing import Final

from geo.impact_records import Impact

RESIDENCE_COLUMNS: Final = (
    *("address", "estate", "households", "residents", "lon", "lat"),
    *("level", "kind", "from_code", "to_code"),
)


def residences_csv(impact: Impact) -> str:
    """Return the residences that change grid as CSV with a heading; a byte order mark lets Excel read the Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(RESIDENCE_COLUMNS)
    for one in impact.moved:
        values = (getattr(one, name) for name in RESIDENCE_COLUMNS)
        writer.writerow(["" if value is None else value for value in values])
    return "\ufeff" + text.getvalue()
