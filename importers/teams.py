"""Team ledgers: who serves which area, in long form (one person a row) or wide form (one area a row)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from geo.errors import BadInput, GeoError
from importers.directory import AreaDirectory
from importers.ledger_areas import AreaReader
from importers.ledger_columns import Role, Slot, fields_of, role_of, slots_of
from importers.people import Mention, Person, mentions
from importers.sheets import Row, SetAside, Table

ROLES: Final[tuple[Role, ...]] = ("grid_worker", "community_worker", "police_officer", "other")
_ONE_OF_EACH: Final = ROLES[:3]


@dataclass(frozen=True, slots=True)
class Member:
    """One person's place in one team: the key into :attr:`TeamLedger.people`, the role, and the row it stands in."""

    person_key: str
    role: Role
    role_text: str
    row: int


@dataclass(frozen=True, slots=True)
class Team:
    """The team of one area, of any level."""

    area_code: str
    name: str
    members: tuple[Member, ...]

    def counts(self) -> dict[Role, int]:
        """Return how many members have each role."""
        found = Counter(member.role for member in self.members)
        return {role: found[role] for role in ROLES}


@dataclass(frozen=True, slots=True)
class TeamLedger:
    """What a team ledger says.

    Attributes
    ----------
    teams
        Area code to team, in the order of the file.
    people
        Key to person; one person may be a member of several teams.
    refused
        Rows that were not taken, each with row, column and reason.
    dropped
        Rows that are no data: titles, totals, notes.
    remarks
        What was noticed and stopped nothing.
    """

    teams: Mapping[str, Team]
    people: Mapping[str, Person]
    refused: tuple[SetAside, ...]
    dropped: tuple[SetAside, ...]
    remarks: tuple[GeoError, ...]

    def totals(self) -> dict[str, dict[Role, int]]:
        """Return the number of members by area code and role."""
        return {code: team.counts() for code, team in self.teams.items()}


def read_teams(table: Table, directory: AreaDirectory) -> TeamLedger:
    """Read a team ledger.

    People are one person where name and telephone number agree; without a number, only within one area. A row is taken
    whole or refused whole.

    Raises
    ------
    BadInput
        ``ledger-column-missing``: no column that names areas, or none that names people with their roles.
    """
    reader = _TeamReader(table, directory)
    for row in table.rows:
        reader.take(row)
    return reader.ledger()


@dataclass(slots=True)
class _Draft:
    """A team while its rows are being read."""

    name: str
    members: dict[tuple[str, Role, str], Member] = field(default_factory=dict)


class _TeamReader:
    """Collects teams and people row by row."""

    def __init__(self, table: Table, directory: AreaDirectory) -> None:
        self._table, self._directory = table, directory
        self._areas = AreaReader(table, directory)
        self._columns = fields_of(table.columns)
        self._slots = slots_of(table.columns)
        self._drafts: dict[str, _Draft] = {}
        self._people: dict[str, Person] = {}
        self._rows_of_phone: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._refused: list[SetAside] = []
        self._remarks: list[GeoError] = list(table.remarks)
        if not self._areas.has_columns:
            raise self._column_missing("网格编码、网格、社区 / grid_code, grid, community")
        if "name" in self._columns and "role" not in self._columns:
            raise self._column_missing("角色 / role")
        if "name" not in self._columns and not self._slots:
            raise self._column_missing("姓名、角色（或 网格员、民警…）/ name, role (or grid_worker, police_officer …)")

    def _column_missing(self, wanted: str) -> BadInput:
        return BadInput("ledger-column-missing", place={"file": self._table.file}, wanted=wanted)

    def take(self, row: Row) -> None:
        """Add a row's people to the team of its area, or set the row aside."""
        try:
            code = self._areas.area_of(row)
            found = list(self._mentions(row))
            if not found:
                raise BadInput("ledger-no-people", place=self._place(row, self._people_column()), row=row.number)
        except BadInput as error:
            self._refused.append(SetAside(row.number, error))
            return
        own_name = row.cells.get(self._columns.get("team", ""), "")
        draft = self._drafts.setdefault(code, _Draft(own_name))
        if own_name and draft.name and own_name != draft.name:
            self._remarks.append(
                BadInput("ledger-team-renamed", place={**self._place(row, ""), "code": code}, code=code)
            )
        draft.name = draft.name or own_name
        for slot, mention in found:
            self._add(row, code, slot, mention)

    def _mentions(self, row: Row) -> Iterator[tuple[Slot, Mention]]:
        """Yield the people of a row with the columns they stand in."""
        for slot in self._row_slots(row):
            cells = row.cells
            for mention in mentions(cells.get(slot.names, ""), cells.get(slot.phones or "", "")):
                yield slot, mention

    def _row_slots(self, row: Row) -> list[Slot]:
        names = self._columns.get("name")
        if names is None or not row.cells.get(names):
            return self._slots
        role_text = row.cells.get(self._columns["role"], "")
        if not role_text:
            column = self._columns["role"]
            raise BadInput("ledger-no-role", place=self._place(row, column), row=row.number, column=column)
        return [Slot(role_of(role_text), role_text, names, self._columns.get("phone")), *self._slots]

    def _people_column(self) -> str:
        return self._columns.get("name") or self._slots[0].names

    def _place(self, row: Row, column: str) -> dict[str, object]:
        return {"file": self._table.file, "row": row.number, "field": column}

    def _add(self, row: Row, code: str, slot: Slot, mention: Mention) -> None:
        person = mention.person(code)
        column = slot.phones or slot.names
        if mention.doubt is not None:
            facts = {"row": row.number, "column": column}
            self._remarks.append(BadInput(mention.doubt, place=self._place(row, column), **facts))
        self._people.setdefault(person.key, person)
        if person.phone:
            self._rows_of_phone[person.phone].setdefault(person.key, row.number)
        role_text = slot.role_text + mention.note
        member = Member(person.key, slot.role, role_text, row.number)
        known = self._drafts[code].members.setdefault((person.key, slot.role, role_text), member)
        if known.row != row.number:
            facts = {"row": row.number, "earlier": known.row}
            self._remarks.append(BadInput("ledger-member-repeated", place=self._place(row, slot.names), **facts))

    def ledger(self) -> TeamLedger:
        """Return what was read, with the remarks that need all of it."""
        teams = {
            code: Team(
                code, draft.name or f"{self._directory.entry(code).name}网格服务团队", tuple(draft.members.values())
            )
            for code, draft in self._drafts.items()
        }
        remarks = [*self._remarks, *self._shared_phones(), *self._unlike_one_of_each(teams)]
        return TeamLedger(teams, self._people, tuple(self._refused), self._table.dropped, tuple(remarks))

    def _shared_phones(self) -> Iterator[BadInput]:
        """Yield a remark for each telephone number that stands beside several names."""
        for rows_by_person in self._rows_of_phone.values():
            if len(rows_by_person) > 1:
                rows = sorted(set(rows_by_person.values()))
                shown = "、".join(map(str, rows[:10]))
                place = {"file": self._table.file, "row": rows[0]}
                yield BadInput("ledger-phone-shared", place=place, rows=shown, count=len(rows_by_person))

    def _unlike_one_of_each(self, teams: Mapping[str, Team]) -> Iterator[BadInput]:
        """Yield a remark for each team of a grid that is not 1+1+1+N."""
        for code, team in teams.items():
            counts = team.counts()
            is_grid = self._directory.entry(code).level == "grid"
            if is_grid and any(counts[role] != 1 for role in _ONE_OF_EACH):
                facts = {role: counts[role] for role in ROLES}
                yield BadInput(
                    "ledger-team-not-1-1-1-n", place={"file": self._table.file, "code": code}, code=code, **facts
                )
