"""What tests of importing share: the command line on a fresh database, and small drawn files."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely
from click.testing import CliRunner
from shapely.affinity import affine_transform

from api.command import cli
from geo.errors import GeoError
from geo.store.connect import connect
from importers.acceptance import Acceptance
from importers.boundaries import prepare
from importers.import_request import ImportRequest
from importers.ledger_import import prepare_teams
from importers.publishing import publish_boundaries, publish_ledger

ORIGIN, UNIT = (104.0, 30.0), 0.001
Drawn = shapely.Polygon | shapely.MultiPolygon | Mapping[str, Any] | None


def on_map(drawn: Any) -> Any:
    """Put a drawing in units of about 100 m on the map."""
    if not isinstance(drawn, shapely.Geometry):
        return drawn
    return affine_transform(drawn, [UNIT, 0, 0, UNIT, *ORIGIN])


@dataclass
class Said:
    """How a command ended."""

    exit_code: int
    output: str
    refusal: GeoError | None

    @property
    def report(self) -> dict[str, Any]:
        """What ``--json`` printed."""
        return json.loads(self.output)


class Door:
    """The command line, on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder

    def run(self, *words: object) -> Said:
        """Run ``gridwarden`` as a user does; what it says is Chinese."""
        result = CliRunner().invoke(cli, [str(word) for word in words], env={"DATABASE_URL": self.url})
        if result.exception is not None and not isinstance(result.exception, SystemExit | GeoError):
            raise result.exception
        refusal = result.exception if isinstance(result.exception, GeoError) else None
        return Said(2 if refusal else result.exit_code, result.stdout, refusal)

    def take(self, file: Path, level: str, *words: object) -> dict[str, Any]:
        """Import and publish a file, which must succeed; return the report."""
        said = self.run("import", file, "--level", level, "--publish", "--json", *words)
        assert said.refusal is None, said.refusal
        assert said.exit_code == 0, said.output
        return said.report

    def draw(self, name: str, rows: Mapping[str, Drawn], /, **columns: Mapping[str, Any]) -> Path:
        """Write a GeoJSON of areas by code; ``columns`` are further properties by code."""
        features = []
        for code, drawn in rows.items():
            shape = on_map(drawn)
            geometry = shape.__geo_interface__ if isinstance(shape, shapely.Geometry) else shape
            more = {column: values[code] for column, values in columns.items() if code in values}
            properties = {"code": code, **more} if code and not code.startswith("?") else more
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
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

    def state(self) -> dict[str, int]:
        """Return the edition and how many rows there are of everything."""
        tables = ("edition", "area", "area_version", "accepted_finding", "team", "person", "residence")
        counts = {table: self.ask(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
        return {"present": self.edition(), **counts}

    def areas(self) -> dict[str, Any]:
        """Return the present boundaries by code."""
        rows = self.ask("SELECT code, ST_AsBinary(geom) FROM area_version WHERE upper_inf(valid)")
        return {code: shapely.from_wkb(wkb) for code, wkb in rows}

    def parents(self) -> dict[str, str | None]:
        """Return the code of each present area's parent."""
        return dict(
            self.ask(
                "SELECT v.code, p.code FROM area_version v LEFT JOIN area_version p "
                "ON p.area_id = v.parent_id AND upper_inf(p.valid) WHERE upper_inf(v.valid)"
            )
        )

    def versions(self, edition: int) -> dict[str, bool]:
        """Return the codes of the versions that an edition opened, and whether they only received nodes."""
        return dict(self.ask("SELECT code, noded FROM area_version WHERE edition = %s", edition))


COMMUNITY, WEST, EAST = "511402002001", "511402002001001", "511402002001002"
DRAWN_AREAS = {
    "community": [(COMMUNITY, "画社区", shapely.box(104.00, 30.00, 104.03, 30.01))],
    "grid": [
        (WEST, "西网格", shapely.box(104.00, 30.00, 104.01, 30.01)),
        (EAST, "东网格", shapely.box(104.02, 30.00, 104.03, 30.01)),
    ],
}
DRAWN_TEAMS = f"网格编码,姓名,角色,团队\n{COMMUNITY},张虚构,民警,社区团队\n{WEST},李虚构,网格员,西团队\n"


@pytest.fixture(scope="module")
def drawn(app_url, tmp_path_factory):
    """Publish a community with two grids and a gap between them, and return a connection to it."""
    folder = tmp_path_factory.mktemp("drawn")
    with connect(app_url) as connection:
        for level, areas in DRAWN_AREAS.items():
            features = [
                {
                    "type": "Feature",
                    "properties": {"code": code, "name": name, "parent": COMMUNITY if level == "grid" else ""},
                    "geometry": json.loads(shapely.to_geojson(shape)),
                }
                for code, name, shape in areas
            ]
            path = folder / f"{level}.geojson"
            path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
            prepared = prepare(connection, ImportRequest(path, level, crs="cgcs2000"), lambda stage: None)
            connection.rollback()
            acceptance = Acceptance.of("gap", baseline=False, reason="drawn so", until=None)
            publish_boundaries(connection, prepared, acceptance, level, "test")
        (folder / "teams.csv").write_text(DRAWN_TEAMS, "utf-8")
        ledger = prepare_teams(connection, folder / "teams.csv", sheet=None, encoding=None, skip_bad_rows=False)
        connection.rollback()
        publish_ledger(connection, ledger, "teams", "test")
        yield connection


@pytest.fixture
def door(cluster, clone, tmp_path) -> Iterator[Door]:
    """Open the command line on a database of its own."""
    with clone() as name:
        yield Door(cluster.url("app", name), tmp_path)


@pytest.fixture(scope="session")
def door_to(tmp_path_factory) -> Callable[[str], Door]:
    """Return a way to open the command line on a database that is there."""
    return lambda url: Door(url, tmp_path_factory.mktemp("door"))
