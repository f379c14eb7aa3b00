"""Boundaries with Z and M: heights and measures are left out, and nothing else is."""

import sqlite3

import numpy as np
import pyogrio.raw
import pytest
import shapely

HEADER_BYTES, ENVELOPE_BYTES = 8, (0, 32, 48, 48, 64)
"""Of a GeoPackage's geometry (OGC 12-128r18, 2.1.3)."""


@pytest.fixture
def measured(tmp_path):
    """Write two boxes side by side as POLYGON ZM; GDAL's Python writers know no M, so its rows are rewritten."""
    path = tmp_path / "zm.gpkg"
    boxes = shapely.box(np.array([104.0, 104.01]), 30.0, np.array([104.01, 104.02]), 30.01)
    codes = [np.array(["a", "b"], dtype=object)]
    pyogrio.raw.write(
        path, shapely.to_wkb(boxes), codes, ["code"], geometry_type="Polygon", crs="EPSG:4490", SPATIAL_INDEX="NO"
    )
    with sqlite3.connect(path) as table:
        for (trigger,) in table.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            table.execute(f'DROP TRIGGER "{trigger}"')
        table.execute("UPDATE gpkg_geometry_columns SET z = 1, m = 1")
        for fid, blob in table.execute("SELECT fid, geom FROM zm").fetchall():
            head = HEADER_BYTES + ENVELOPE_BYTES[(blob[3] >> 1) & 7]
            corners = shapely.get_coordinates(shapely.from_wkb(blob[head:])).tolist()
            deep = shapely.from_wkt(f"POLYGON ZM (({', '.join(f'{x} {y} 7 9' for x, y in corners)}))")
            wkb = shapely.to_wkb(deep, output_dimension=4, flavor="iso")
            table.execute("UPDATE zm SET geom = ? WHERE fid = ?", (blob[:head] + wkb, fid))
    table.close()
    return path


def test_they_are_checked_as_if_they_lay_flat(gridwarden, measured):
    code, out, error = gridwarden("check", measured, "--code-field", "code", lang="en")
    assert (code, error) == (0, "")
    assert "nothing wrong found; areas: 2" in out
    assert "2,139,042 m² covered" in out
