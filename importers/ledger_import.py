"""Importing ledgers of teams and residences: from a table to what the store takes, with a report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from geo.crs import parse_crs
from geo.errors import BadInput, GeoError
from geo.lattice import degrees, snap
from geo.messages import Language, sentence
from geo.store.areas import load_areas
from geo.store.editions import present
from geo.store.publish import Publication
from geo.store.residences import Residence, load_residences, write_residences
from geo.store.teams import Member, Team, teams_of, write_teams
from importers import residences as residence_ledger
from importers import teams as team_ledger
from importers.directory import AreaDirectory
from importers.sheets import SetAside, Table
from importers.tables import read_table

SHOWN = 20


@dataclass(slots=True)
class LedgerReport:
    """What a ledger brought; no personal data is in it.

    Attributes
    ----------
    taken, unchanged
        Teams or residences that are new or different, and those that are stored as they are.
    totals
        By area code: members by role, or residences, households and residents.
    refused, dropped
        Rows that were not taken, and rows that are no data, each with its reason.
    edition
        The edition published, None for a dry run or when nothing changed.
    """

    file: str
    sha256: str
    subject: str
    taken: int = 0
    unchanged: int = 0
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: Sequence[SetAside] = ()
    dropped: Sequence[SetAside] = ()
    remarks: Sequence[GeoError] = ()
    edition: int | None = None

    def require_whole(self, skip_bad_rows: bool) -> None:
        """Stop where rows are refused, unless they may be skipped."""
        if self.refused and not skip_bad_rows:
            raise LedgerRefused(self)

    def as_json(self) -> dict[str, Any]:
        """Return everything, for ``--json`` and for the register of editions."""
        return {
            "format": "gridwarden-ledger/1",
            "input": {"name": self.file, "sha256": self.sha256},
            "subject": self.subject,
            "taken": self.taken,
            "unchanged": self.unchanged,
            "totals": self.totals,
            "refused": [_row(one) for one in self.refused],
            "dropped": [_row(one) for one in self.dropped],
            "remarks": [{"type": one.kind, "zh": one.text("zh"), "en": one.text("en")} for one in self.remarks],
            "edition": self.edition,
        }

    def lines(self, lang: Language) -> list[str]:
        """Return the report as lines of text."""
        sums: dict[str, int] = {}
        for total in self.totals.values():
            for name, count in total.items():
                sums[name] = sums.get(name, 0) + count
        lines = [
            sentence("ledger-report", lang, file=self.file, taken=self.taken, unchanged=self.unchanged),
            sentence(
                "ledger-report-sums",
                lang,
                areas=len(self.totals),
                sums=", ".join(f"{name} {count}" for name, count in sums.items()),
            ),
        ]
        for title, rows in (("ledger-report-refused", self.refused), ("ledger-report-dropped", self.dropped)):
            if rows:
                lines.append(sentence(title, lang, count=len(rows)))
                lines += [f"  {one.number}  {one.reason.text(lang)}" for one in rows[:SHOWN]]
                if len(rows) > SHOWN:
                    lines.append(sentence("report-more", lang, count=len(rows) - SHOWN))
        lines += [one.text(lang) for one in self.remarks[:SHOWN]]
        if len(self.remarks) > SHOWN:
            lines.append(sentence("report-more", lang, count=len(self.remarks) - SHOWN))
        return lines


def _row(one: SetAside) -> dict[str, object]:
    return {
        "row": one.number,
        "type": one.reason.kind,
        "zh": one.reason.text("zh"),
        "en": one.reason.text("en"),
    }


@dataclass(frozen=True, slots=True)
class PreparedTeams:
    """Teams ready to be published, by area id."""

    edition: int
    teams: dict[int, Team]
    report: LedgerReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(self.teams)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the teams inside a publication."""
        write_teams(connection, opened, self.teams)


@dataclass(frozen=True, slots=True)
class PreparedResidences:
    """Residences ready to be published."""

    edition: int
    residences: list[Residence]
    report: LedgerReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(self.report.taken)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the residences inside a publication."""
        write_residences(connection, opened, self.residences)


class Ledger(Protocol):
    """What every ledger has besides its rows of data."""

    @property
    def refused(self) -> tuple[SetAside, ...]:
        """Rows that were not taken."""

    @property
    def dropped(self) -> tuple[SetAside, ...]:
        """Rows that are no data."""

    @property
    def remarks(self) -> tuple[GeoError, ...]:
        """What was noticed and stopped nothing."""


def ledger_opened(connection: Connection) -> tuple[int, datetime, AreaDirectory, dict[str, int]]:
    """Return the present edition and moment, the areas that a ledger may speak of, and their ids by code."""
    held = present(connection)
    edition, now = held.edition, held.at
    stored = load_areas(connection, now, shapes=False)
    if not len(stored):
        raise BadInput("no-areas-yet")
    directory = AreaDirectory.from_columns(
        stored.codes.tolist(),
        stored.names.tolist(),
        stored.levels.tolist(),
        stored.parent_codes(stored).tolist(),
        local_codes=[code or "" for code in stored.local_codes],
        kinds=stored.kinds.tolist(),
    )
    return edition, now, directory, dict(zip(stored.codes, stored.ids.tolist(), strict=True))


def ledger_table(path: Path, sheet: str | None, encoding: str | None) -> tuple[Table, str]:
    """Return a ledger's rows and the SHA-256 of its file."""
    table = read_table(path, sheet=sheet, encoding=encoding)
    with path.open("rb") as file:
        return table, file_digest(file, "sha256").hexdigest()


def ledger_report(
    table: Table,
    sha256: str,
    subject: str,
    ledger: Ledger,
    totals: dict[str, dict[str, int]],
) -> LedgerReport:
    """Begin the report of a ledger."""
    return LedgerReport(
        table.file,
        sha256,
        subject,
        totals=totals,
        refused=ledger.refused,
        dropped=ledger.dropped,
        remarks=ledger.remarks,
    )


class LedgerRefused(BadInput):
    """Rows of a ledger cannot come in; ``report`` lists them with their reasons."""

    def __init__(self, report: LedgerReport) -> None:
        self.report = report
        first = report.refused[0]
        super().__init__("rows-refused", place={"file": report.file, "row": first.number}, count=len(report.refused))


def prepare_teams(
    connection: Connection, path: Path, *, sheet: str | None, encoding: str | None, skip_bad_rows: bool
) -> PreparedTeams:
    """Read a ledger of teams and compare it with what is stored.

    Raises
    ------
    GeoError
        For a file that is no such ledger; all rows or none, unless ``skip_bad_rows``.
    """
    edition, now, directory, ids = ledger_opened(connection)
    table, sha256 = ledger_table(path, sheet, encoding)
    ledger = team_ledger.read_teams(table, directory)
    totals = {code: {str(role): count for role, count in total.items()} for code, total in ledger.totals().items()}
    report = ledger_report(table, sha256, "teams", ledger, totals)
    report.require_whole(skip_bad_rows)
    wanted = {ids[code]: _team(team, ledger) for code, team in ledger.teams.items()}
    stored = teams_of(connection, now, list(wanted))
    changed = {area_id: team for area_id, team in wanted.items() if stored.get(area_id) != team}
    report.taken, report.unchanged = len(changed), len(wanted) - len(changed)
    return PreparedTeams(edition, changed, report)


def _team(team: team_ledger.Team, ledger: team_ledger.TeamLedger) -> Team:
    return Team(
        team.name,
        tuple(
            Member(
                ledger.people[member.person_key].name,
                member.role,
                member.role_text or None,
                ledger.people[member.person_key].phone or None,
            )
            for member in team.members
        ),
    )


def prepare_residences(
    connection: Connection,
    path: Path,
    *,
    crs: str | None,
    sheet: str | None,
    encoding: str | None,
    skip_bad_rows: bool,
) -> PreparedResidences:
    """Read a ledger of residences and compare it with what is stored.

    Raises
    ------
    GeoError
        As :func:`prepare_teams`; and for points without a CRS.
    """
    system = parse_crs(crs) if crs else None
    edition, now, directory, ids = ledger_opened(connection)
    table, sha256 = ledger_table(path, sheet, encoding)
    ledger = residence_ledger.read_residences(table, directory, system)
    report = ledger_report(
        table, sha256, "residences", ledger, {code or "-": asdict(sum_) for code, sum_ in ledger.totals().items()}
    )
    report.require_whole(skip_bad_rows)
    wanted = [_residence(one, ids) for one in ledger.residences]
    areas = {one.area_id for one in wanted if one.area_id is not None}
    addresses = {one.address for one in wanted if one.area_id is None}
    stored = [
        one
        for one in load_residences(connection, now)
        if one.area_id in areas or (one.area_id is None and one.address in addresses)
    ]
    same = Counter(wanted) == Counter(stored)
    report.taken, report.unchanged = (0, len(wanted)) if same else (len(wanted), 0)
    return PreparedResidences(edition, wanted, report)


def _residence(one: residence_ledger.Residence, ids: dict[str, int]) -> Residence:
    lon, lat = (None, None) if one.lon is None or one.lat is None else degrees(snap([one.lon, one.lat])).tolist()
    return Residence(
        address=one.address,
        households=one.households,
        residents=one.residents,
        estate=one.estate or None,
        building=one.building or None,
        unit=one.unit or None,
        area_id=ids[one.grid_code] if one.grid_code else None,
        lon=lon,
        lat=lat,
        leader=Member(one.leader.name, "other", None, one.leader.phone or None) if one.leader else None,
    )
