"""What the tests of ``gridwarden check`` have in common: the command, files, and odd boundaries."""

import json
import sys

import pytest
import shapely
from shapely import box

from api import words
from api.command import main
from api.commands import checking

#  30.01  [  A  ][  C  ]
#  30.00  [  A  ][  C  ]
#         104.00 104.01 104.02
A, C = box(104, 30, 104.01, 30.01), box(104.01, 30, 104.02, 30.01)
HOLE = box(104.012, 30.002, 104.018, 30.008)


@pytest.fixture
def gridwarden(monkeypatch, capsys):
    """Return a way to run the command in this process: exit code, stdout, stderr."""

    def run(*arguments, lang="zh"):
        monkeypatch.setattr(words, "LANGUAGE", lang)
        monkeypatch.setattr(checking, "LANGUAGE", lang)
        monkeypatch.setattr(sys, "argv", ["gridwarden", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
            sys.exit(0)
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def written(tmp_path):
    """Return a way to write rows of properties and a geometry as GeoJSON."""

    def write(*rows, name="grids.geojson"):
        features = [
            {"type": "Feature", "properties": properties, "geometry": _plain(shape)} for properties, shape in rows
        ]
        path = tmp_path / name
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        return path

    return write


def _plain(shape):
    return shapely.geometry.mapping(shape) if isinstance(shape, shapely.Geometry) else shape


@pytest.fixture(
    params=[
        (None, {"invalid_geometry": 1}),
        ({"type": "Polygon", "coordinates": []}, {"invalid_geometry": 1}),
        ({"type": "GeometryCollection", "geometries": []}, {"invalid_geometry": 1}),
        (shapely.GeometryCollection([C, shapely.Point(104, 30)]), {"invalid_geometry": 1}),
        (shapely.LineString([(104, 30), (104.1, 30)]), {"invalid_geometry": 1}),
        (shapely.force_3d(C, 7.0), {}),
        (shapely.Polygon([(104.01, 30), (104.02, 30.01), (104.02, 30), (104.01, 30.01)]), {"invalid_geometry": 1}),
        ({"type": "Polygon", "coordinates": [[[104.01, 30], [104.02, 30], [104.02, 30.01]]]}, {"invalid_geometry": 1}),
        ({"type": "Polygon", "coordinates": [[[104.01, 30]] * 4]}, {"invalid_geometry": 1}),
        (
            {"type": "Polygon", "coordinates": [[[104.01, 30], [float("nan"), 31], [105, 31], [104.01, 30]]]},
            {"invalid_geometry": 1},
        ),
        (box(200, 30, 201, 31), {"invalid_geometry": 1}),
        (shapely.Polygon([(179, 30), (-179, 30), (-179, 31), (179, 31)]), {"invalid_geometry": 1}),
        (shapely.Polygon(C.exterior, [[(104.01, 30.005), (104.015, 30.003), (104.015, 30.007)]]), {"gap": 1}),
        (
            shapely.Polygon(C.exterior, [HOLE.exterior, box(104.013, 30.003, 104.014, 30.004).exterior]),
            {"gap": 1, "invalid_geometry": 1},
        ),
        (shapely.Polygon([(104.01, 30), (104.01, 30), (104.02, 30), (104.02, 30.01), (104.01, 30.01)]), {}),
        (A, {"duplicate": 1}),
        (box(103.99, 29.99, 104.015, 30.03), {"overlap": 1}),
    ],
    ids=[
        *("null", "empty", "empty collection", "collection", "line", "3D", "bow-tie", "unclosed", "no extent", "NaN"),
        *("beyond 180", "across 180", "hole touches shell", "nested holes", "repeated vertices", "equal", "containing"),
    ],
)
def odd(request):
    """Return a boundary beside A that is odd, and the findings by kind that it makes."""
    return request.param
