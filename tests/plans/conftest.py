"""A small drawn town to plan in, published once a session; every test gets a copy of its own.

::

    0         2         4         6         8      units of about 100 m
    ┌─────────┬────┬────┬─────────┬─────────┐ 4
    │         │ G4      │         │         │
    │  G1     │   [M]   │         │         │      [M] the market, a special grid of west
    │  1,224  ├────┴────┤ 2       │         │
    │  house- │ G3  140 │  G5 430 │  G6 380 │
    │  holds  ├─────────┤ 1       │         │
    │         │ G2  120 │         │         │
    └─────────┴─────────┴─────────┴─────────┘ 0
     ←────── west ─────→ ←────── east ──────→
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import shapely
from click.testing import CliRunner
from shapely import box
from shapely.affinity import affine_transform

from api.command import cli
from geo.errors import GeoError

ORIGIN, UNIT = (104.0, 30.0), 0.001
TEMPLATE, TOWN = "migrated", "planned_town"

COUNTY, STREET = "511402", "511402002"
WEST, EAST = "511402002001", "511402002002"
G1, G2, G3, G4 = (f"{WEST}00{number}" for number in (1, 2, 3, 4))
G5, G6 = f"{EAST}001", f"{EAST}002"
MARKET = f"{WEST}801"
GRIDS = {
    G1: box(0, 0, 2, 4),
    G2: box(2, 0, 4, 1),
    G3: box(2, 1, 4, 2),
    G4: box(2, 2, 4, 4),
    G5: box(4, 0, 6, 4),
    G6: box(6, 0, 8, 4),
}
NAMES = {
    COUNTY: "东坡区",
    STREET: "大石桥街道",
    WEST: "西社区",
    EAST: "东社区",
    **{code: f"第{number}网格" for number, code in enumerate(GRIDS, start=1)},
    MARKET: "青禾市场",
}
HOMES = (
    # x, y, households, residents: G1 has 1,224 in four buildings, two on each side of the street at y = 2
    (0.5, 0.5, 306, 700),
    (1.5, 1.5, 306, 710),
    (0.5, 2.5, 300, 690),
    (1.5, 3.5, 312, 720),
    (3.0, 0.5, 120, 280),
    (3.0, 1.5, 140, 310),
    (2.5, 3.5, 410, 900),
    (4.2, 0.5, 20, 45),
    (5.0, 3.0, 410, 930),
    (7.0, 2.0, 380, 860),
)


def on_map(drawn: Any) -> Any:
    """Put a drawing on the map."""
    return affine_transform(drawn, [UNIT, 0, 0, UNIT, *ORIGIN])


def at(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a drawn point."""
    return ORIGIN[0] + x * UNIT, ORIGIN[1] + y * UNIT


@dataclass
class Said:
    """How a command ended."""

    exit_code: int
    output: str
    refusal: GeoError | None

    @property
    def document(self) -> Any:
        """What ``--json`` printed."""
        return json.loads(self.output)


class Town:
    """The command line, on a town of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def run(self, *words: object) -> Said:
        """Run ``gridwarden`` as a user does; what it says is Chinese."""
        result = CliRunner().invoke(cli, [str(word) for word in words], env={"DATABASE_URL": self.url})
        if result.exception is not None and not isinstance(result.exception, SystemExit | GeoError):
            raise result.exception
        refusal = result.exception if isinstance(result.exception, GeoError) else None
        return Said(2 if refusal else result.exit_code, result.stdout, refusal)

    def told(self, *words: object, code: int = 0) -> Any:
        """Run a command with ``--json`` that must end with a code; return what it printed."""
        said = self.run(*words, "--json")
        assert said.refusal is None, said.refusal
        assert said.exit_code == code, said.output
        return said.document

    def new(self, title: str, *words: object) -> int:
        """Begin a plan; return its number."""
        number = self.told("plan", "new", title, "--as", "李四", *words)["plan"]
        assert isinstance(number, int)
        return number

    def add(self, plan: int, op: str, *words: object, code: int = 0) -> Any:
        """Add an operation; return the check."""
        return self.told("plan", "add", plan, op, *words, code=code)

    def publish(self, plan: int) -> Any:
        """Submit, approve and publish a plan; return what publishing said."""
        self.told("plan", "submit", plan, "--as", "李四")
        self.told("plan", "approve", plan, "--as", "王五")
        return self.told("plan", "publish", plan, "--as", "王五")

    def draw(self, name: str, *shapes: Any, codes: tuple[str, ...] = ()) -> Path:
        """Write drawn shapes as GeoJSON in CGCS2000, with codes where given."""
        features = [
            {
                "type": "Feature",
                "properties": {"code": codes[row]} if codes else {},
                "geometry": shapely.geometry.mapping(on_map(shape)),
            }
            for row, shape in enumerate(shapes)
        ]
        path = self.folder / f"{name}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        return path

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.url, options="-c search_path=gridwarden,public") as connection:
            return connection.execute(sql, values or None).fetchall()

    def edition(self) -> int:
        """Return the present edition."""
        return self.ask("SELECT edition FROM edition_now")[0][0]

    def codes(self) -> set[str]:
        """Return the codes of the present areas."""
        return {code for (code,) in self.ask("SELECT code FROM area_version WHERE upper_inf(valid)")}

    def shape(self, code: str) -> Any:
        """Return the present boundary of an area."""
        rows = self.ask("SELECT ST_AsBinary(geom) FROM area_version WHERE upper_inf(valid) AND code = %s", code)
        return shapely.from_wkb(rows[0][0])

    def lineage(self, edition: int) -> dict[tuple[str | None, str | None], int]:
        """Return the households that went from one area to another by an edition, by the codes they bore."""
        rows = self.ask(
            """
            SELECT f.code, t.code, l.households FROM lineage AS l
            LEFT JOIN LATERAL (SELECT code FROM area_version WHERE area_id = from_id ORDER BY id LIMIT 1) AS f ON true
            LEFT JOIN LATERAL (SELECT code FROM area_version WHERE area_id = to_id ORDER BY id LIMIT 1) AS t ON true
            WHERE l.edition = %s
            """,
            edition,
        )
        return {(giver, taker): households for giver, taker, households in rows}

    def grid_at(self, x: float, y: float, moment: str | None = None) -> str | None:
        """Return the code of the effective grid at a drawn point, now or at a moment."""
        lon, lat = at(x, y)
        when = () if moment is None else ("--at", moment)
        said = self.run("locate", f"{lon:.7f}", f"{lat:.7f}", "--crs", "cgcs2000", "--json", *when)
        assert said.refusal is None, said.refusal
        grid = said.document["grid"]
        return None if grid is None else str(grid["code"])

    def just_before(self, edition: int) -> str:
        """Return the moment just before an edition, as ``--at`` takes it."""
        rows = self.ask("SELECT published_at - interval '1 microsecond' FROM edition WHERE id = %s", edition)
        moment = rows[0][0].isoformat()
        assert isinstance(moment, str)
        return moment


def _fill(town: Town) -> None:
    """Publish the drawn town."""
    levels = {
        "county": ({COUNTY: box(0, 0, 8, 4)}, ()),
        "town": ({STREET: box(0, 0, 8, 4)}, ()),
        "community": ({WEST: box(0, 0, 4, 4), EAST: box(4, 0, 8, 4)}, ()),
        "grid": (GRIDS, ()),
        "special": ({MARKET: box(2.8, 2.5, 3.4, 3)}, ("--kind", "special", "--category", "market")),
    }
    for level, (shapes, more) in levels.items():
        path = town.draw(level, *shapes.values(), codes=tuple(shapes))
        content = json.loads(path.read_text("utf-8"))
        for feature in content["features"]:
            feature["properties"]["name"] = NAMES[feature["properties"]["code"]]
        path.write_text(json.dumps(content), "utf-8")
        said = town.run("import", path, "--level", "grid" if level == "special" else level, "--publish", *more)
        assert said.exit_code == 0, said.output
    homes = ["地址,户数,人数,经度,纬度"]
    for number, (x, y, households, residents) in enumerate(HOMES, start=1):
        lon, lat = at(x, y)
        homes.append(f"青禾路{number}号,{households},{residents},{lon:.7f},{lat:.7f}")
    ledger = town.folder / "homes.csv"
    ledger.write_text("\n".join(homes) + "\n", "utf-8-sig")
    said = town.run("import-residences", ledger, "--crs", "cgcs2000", "--publish")
    assert said.exit_code == 0, (said.output, said.refusal)


@pytest.fixture(scope="session")
def town_template(cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Publish the drawn town once, and return the name of a database that is only ever cloned."""
    with psycopg.connect(cluster.url("admin", "postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {TOWN} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {TOWN} TEMPLATE {TEMPLATE} OWNER gridwarden_owner")
    _fill(Town(cluster.url("app", TOWN), tmp_path_factory.mktemp("town")))
    return TOWN


@pytest.fixture
def town(cluster, clone, town_template: str, tmp_path: Path) -> Iterator[Town]:
    """Open a town of one's own."""
    with clone(town_template) as name:
        yield Town(cluster.url("app", name), tmp_path)


@pytest.fixture
def empty_town(cluster, clone, tmp_path: Path) -> Iterator[Town]:
    """Open the command line on an empty database."""
    with clone() as name:
        yield Town(cluster.url("app", name), tmp_path)


@pytest.fixture
def http(town: Town, served: Callable[..., AbstractContextManager[httpx.Client]]) -> Iterator[httpx.Client]:
    """Serve the town over HTTP."""
    with served(town.url) as client:
        yield client


@pytest.fixture(name="record")
def record_fixture() -> Callable[..., Mapping[str, Any]]:
    """Return a way to write operations down as HTTP takes them; shapes are drawn ones."""
    return record


def record(op: str, **members: Any) -> Mapping[str, Any]:
    """Return an operation as HTTP takes it; shapes are drawn ones."""
    return {"op": op, **{name.rstrip("_"): _plain(name, value) for name, value in members.items()}}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, shapely.Geometry):
        return shapely.geometry.mapping(on_map(value))
    if name == "boundaries":
        return [{"code": code, "geometry": _plain("", shape)} for code, shape in value.items()]
    if name == "keep":
        return list(at(*value))
    return [_plain("", one) for one in value] if isinstance(value, list | tuple) else value


class CommandDoor:
    """Planning at the command line."""

    def __init__(self, town: Town) -> None:
        self.town, self._drawings = town, count()

    def new(self, title: str) -> int:
        """Begin a plan of 李四."""
        return self.town.new(title)

    def add(self, plan: int, op: str, *, stops: bool = False, **members: Any) -> Any:
        """Add an operation; return the check."""
        words: list[object] = []
        for name, value in members.items():
            words += self._words(name.rstrip("_"), value)
        return self.town.add(plan, op, *words, code=1 if stops else 0)

    def add_all(self, plan: int, *operations: Any) -> Any:
        """Add operations that only work together; return the check."""
        path = self.town.folder / "operations.json"
        path.write_text(json.dumps(operations), "utf-8")
        return self.town.told("plan", "load", plan, path, "--crs", "cgcs2000")

    def _words(self, name: str, value: Any) -> list[object]:
        if name in ("code", "codes", "areas"):
            return ["--codes", value if isinstance(value, str) else ",".join(value)]
        if name in ("geometry", "line", "parts", "boundaries"):
            shapes = [value] if isinstance(value, shapely.Geometry) else list(value)
            codes = tuple(value) if isinstance(value, Mapping) else ()
            drawn = [value[code] for code in codes] if isinstance(value, Mapping) else shapes
            return ["--geometry", self.town.draw(f"drawing-{next(self._drawings)}", *drawn, codes=codes)]
        if name == "names":
            return ["--new-names", ",".join(value)]
        if name == "keep":
            lon, lat = at(*value)
            return ["--keep", f"{lon},{lat}", "--crs", "cgcs2000"]
        flag = f"--{name.replace('_', '-')}"
        return [flag] if value is True else [flag, value]

    def remove(self, plan: int, place: int) -> Any:
        """Take an operation out; return the check."""
        return self.town.told("plan", "remove", plan, place)

    def ask(self, plan: int, what: str) -> Any:
        """Return ``check`` or ``impact``."""
        said = self.town.run("plan", what, plan, "--json")
        assert said.refusal is None, said.refusal
        return said.document

    def sides(self, plan: int) -> dict[str, dict[str, Any]]:
        """Return the features before and after by code."""
        found = {}
        for side in ("before", "after"):
            path = self.town.folder / f"{side}.geojson"
            self.town.run("plan", "check", plan, "--side", side, "--out", path)
            features = json.loads(path.read_text("utf-8"))["features"]
            found[side] = {one["properties"]["code"]: one for one in features}
        return found

    def sheet(self, plan: int) -> str:
        """Return the sheet that is signed."""
        path = self.town.folder / "sheet.html"
        said = self.town.run("plan", "sheet", plan, "--out", path)
        assert said.refusal is None, said.refusal
        return path.read_text("utf-8")

    def map(self, plan: int) -> str:
        """Return the map before and after."""
        path = self.town.folder / "map.html"
        said = self.town.run("plan", "map", plan, "--out", path)
        assert said.refusal is None, said.refusal
        return path.read_text("utf-8")

    def publish(self, plan: int) -> int:
        """Let 李四 submit and 王五 approve and publish; return the edition."""
        return self.town.publish(plan)["edition"]


class HttpDoor:
    """Planning over HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def post(self, path: str, **body: Any) -> Any:
        """Post to ``/api/v1/plans``; it must succeed."""
        answer = self.client.post(f"/api/v1/plans{path}", json={"actor": "李四", **body})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def new(self, title: str) -> int:
        """Begin a plan of 李四."""
        return self.post("", title=title)["plan"]

    def add(self, plan: int, op: str, *, stops: bool = False, **members: Any) -> Any:
        """Add an operation; return the check."""
        found = self.post(f"/{plan}/operations", operations=[record(op, **members)], crs="cgcs2000")
        assert found["clean"] is not stops, found["findings"]
        return found

    def add_all(self, plan: int, *operations: Any) -> Any:
        """Add operations that only work together; return the check."""
        found = self.post(f"/{plan}/operations", operations=operations, crs="cgcs2000")
        assert found["clean"], found["findings"]
        return found

    def remove(self, plan: int, place: int) -> Any:
        """Take an operation out; return the check."""
        answer = self.client.delete(f"/api/v1/plans/{plan}/operations/{place}", params={"actor": "李四"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, plan: int, what: str) -> Any:
        """Return ``check`` or ``impact``."""
        answer = self.client.get(f"/api/v1/plans/{plan}/{what}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sides(self, plan: int) -> dict[str, dict[str, Any]]:
        """Return the features before and after by code."""
        found = {}
        for side in ("before", "after"):
            answer = self.client.get(f"/api/v1/plans/{plan}/areas", params={"side": side})
            assert answer.headers["content-type"] == "application/geo+json"
            found[side] = {one["properties"]["code"]: one for one in answer.json()["features"]}
        return found

    def sheet(self, plan: int) -> str:
        """Return the sheet that is signed."""
        answer = self.client.get(f"/api/v1/plans/{plan}/sheet")
        assert answer.status_code == 200, answer.text
        return answer.text

    def map(self, plan: int) -> str:
        """Return the map before and after."""
        answer = self.client.get(f"/api/v1/plans/{plan}/map")
        assert answer.status_code == 200, answer.text
        return answer.text

    def publish(self, plan: int) -> int:
        """Let 李四 submit and 王五 approve and publish; return the edition."""
        self.post(f"/{plan}/submit")
        self.post(f"/{plan}/approve", actor="王五")
        return self.post(f"/{plan}/publish", actor="王五")["edition"]


@pytest.fixture(params=["command", "http"])
def planner(request: pytest.FixtureRequest, town: Town) -> CommandDoor | HttpDoor:
    """Plan in the town, at the command line and over HTTP."""
    return CommandDoor(town) if request.param == "command" else HttpDoor(request.getfixturevalue("http"))
