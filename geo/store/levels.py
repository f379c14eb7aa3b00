"""Which levels have areas."""

from datetime import datetime

from sqlalchemy import Connection, text


def present_levels(connection: Connection, at: datetime) -> set[str]:
    """Return the levels that have an area at a moment."""
    rows = connection.execute(
        text(
            "SELECT level FROM (SELECT DISTINCT level FROM area) AS known WHERE EXISTS ("
            "SELECT 1 FROM area AS a JOIN area_version AS v ON v.area_id = a.id "
            "WHERE a.level = known.level AND v.valid @> CAST(:at AS timestamptz))"
        ),
        {"at": at},
    )
    return {level for (level,) in rows}
