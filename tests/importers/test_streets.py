"""Streets come in: from OpenStreetMap and from layers of lines, joined where they meet, changed where they changed."""

import json
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely

from geo.street_noding import crossed, interrupted, noded
from geo.streets import StreetLines, components_of, network_of
from importers.limits import Limits
from importers.street_osm import read_osm_streets
from importers.street_rules import Walk, incline_of, walk_of

LON, LAT, STEP = 104.0, 30.0, 0.001

#   7 --- 8          north (footway), cut off from the rest but for the bridge
#         |  bridge (layer 1) over the motorway
#   1 --- 2 --- 3    main (residential), 4 hangs below 2 behind a private gate
#         |
#         4
NODES = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, -1), 5: (0, 0.5), 6: (2, 0.5), 7: (0, 1), 8: (1, 1), 9: (1, -0.5)}
WAYS = {
    10: ([1, 2, 3], {"highway": "residential"}),
    11: ([2, 8], {"highway": "footway", "bridge": "yes", "layer": "1"}),
    12: ([7, 8], {"highway": "footway"}),
    13: ([5, 6], {"highway": "motorway"}),
    14: ([2, 9, 4], {"highway": "service"}),
    15: ([1, 7], {"highway": "service", "access": "private"}),
    16: ([3, 6], {"highway": "construction"}),
}


def drawn_osm(path: Path, nodes=NODES, ways=WAYS, shut=(9,)) -> Path:
    writer = osmium.SimpleWriter(str(path))
    for number, (x, y) in sorted(nodes.items()):
        tags = {"barrier": "gate", "access": "private"} if number in shut else {}
        place = (LON + STEP * x, LAT + STEP * y)
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place, tags=tags))
    for number, (refs, tags) in sorted(ways.items()):
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    writer.close()
    return path


def lines(*drawn, **columns) -> StreetLines:
    return StreetLines.of(
        np.array([shapely.LineString([(LON + STEP * x, LAT + STEP * y) for x, y in line]) for line in drawn]), **columns
    )


class TestWhatIsWalked:
    @pytest.mark.parametrize(
        ("tags", "expected"),
        [
            ({"highway": "footway"}, Walk("footway", False, 0, 0.0)),
            ({"highway": "steps", "incline": "30%"}, Walk("steps", True, 0, 0.3)),
            ({"highway": "residential", "bridge": "viaduct"}, Walk("residential", False, 1, 0.0)),
            ({"highway": "footway", "tunnel": "yes", "layer": "-2"}, Walk("footway", False, -2, 0.0)),
            ({"highway": "service", "access": "private", "foot": "yes"}, Walk("service", False, 0, 0.0)),
            ({"railway": "platform"}, Walk("platform", False, 0, 0.0)),
            ({"highway": "人行道"}, Walk("footway", False, 0, 0.0)),
            ({"highway": "service", "access": "private"}, "access"),
            ({"highway": "primary", "foot": "no"}, "access"),
            ({"highway": "motorway_link", "foot": "yes"}, "motorway"),
            ({"highway": "trunk", "motorroad": "yes"}, "motorway"),
            ({"highway": "高速公路"}, "motorway"),
            ({"highway": "construction"}, "class"),
        ],
    )
    def test_tags_decide(self, tags, expected):
        assert walk_of(tags) == expected

    @pytest.mark.parametrize(
        ("text", "rise"), [("8%", 0.08), ("-12.5 %", -0.125), ("45°", 1.0), ("up", 0), ("900%", 0)]
    )
    def test_an_incline_is_a_figure_or_nothing(self, text, rise):
        assert incline_of(text) == pytest.approx(rise)


class TestNoding:
    def test_lines_are_cut_where_they_share_a_vertex_and_joined_there(self):
        network = network_of(noded(lines([(0, 0), (1, 0), (2, 0)], [(1, 0), (1, 1)])))
        assert (len(network), len(network.nodes)) == (3, 4)
        assert len(components_of(network)) == 1

    def test_a_crossing_joins_on_one_layer_and_not_below_a_bridge(self):
        cross = [(0, 0), (2, 0)], [(1, -1), (1, 1)]
        assert len(components_of(network_of(noded(crossed(lines(*cross)))))) == 1
        assert len(noded(crossed(lines(*cross, layers=[0, 1])))) == 2

    def test_an_end_that_stops_short_by_centimetres_is_joined(self):
        # 0.3 m: 0.0027 of our steps of about 111 m
        near = noded(crossed(lines([(0, 0), (2, 0)], [(1, 0.0027), (1, 1)])))
        far = noded(crossed(lines([(0, 0), (2, 0)], [(1, 0.02), (1, 1)])))
        assert (len(near), len(far)) == (3, 2)

    def test_equal_lines_are_kept_once_whichever_way_they_run(self):
        assert len(noded(lines([(0, 0), (1, 0), (1, 1)], [(1, 1), (1, 0), (0, 0)]))) == 2

    def test_the_network_does_not_depend_on_the_order_of_lines(self):
        edges = noded(lines([(0, 0), (1, 0)], [(1, 0), (1, 1), (0, 0)], [(1, 1), (3, 3)], inclines=[0.1, 0, -0.2]))
        one, other = network_of(edges), network_of(edges.take(np.array([2, 0, 3, 1])))
        for name in ("nodes", "edge_from", "edge_to", "start", "xy", "length_m", "inclines", "way_ids", "component"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()

    def test_an_edge_drawn_from_east_to_west_climbs_the_other_way(self):
        (incline,) = network_of(lines([(1, 0), (0, 0)], inclines=[0.1])).inclines
        assert incline == -0.1

    def test_nobody_passes_where_a_way_is_interrupted(self):
        shut = np.rint(np.array([[LON + STEP, LAT]]) * 1e7).astype(np.int64)
        edges = noded(interrupted(lines([(0, 0), (1, 0), (2, 0)]), shut))
        assert len(components_of(network_of(edges))) == 2


class TestOpenStreetMap:
    def test_ways_are_taken_by_their_tags_and_the_rest_is_counted(self, tmp_path):
        found = read_osm_streets(drawn_osm(tmp_path / "drawn.osm.pbf"), Limits())
        # 1-2, 2-3, the bridge, 7-8, and the service road cut in two by the gate
        assert len(found.edges) == 6
        assert {one: count for one, count in found.left_out.items() if count} == {
            "motorway": 1, "access": 1, "class": 1, "barrier": 1,
        }  # fmt: skip
        assert [piece.edges for piece in components_of(network_of(found.edges))] == [5, 1]

    def test_of_a_way_with_missing_nodes_the_whole_pieces_are_taken(self, tmp_path):
        nodes = {number: place for number, place in NODES.items() if number != 2}
        found = read_osm_streets(
            drawn_osm(tmp_path / "cut.osm.pbf", nodes, {10: ([7, 1, 2, 3, 6], WAYS[10][1])}), Limits()
        )
        assert (len(found.edges), found.left_out["nodes-missing"]) == (2, 1)

    @pytest.mark.parametrize(
        ("content", "kind"),
        [(b"", "osm-empty"), (b"PK\3\4 what else", "osm-no-pbf"), ("half", "osm-damaged"), ("head", "osm-damaged")],
    )
    def test_a_file_that_is_not_whole_is_refused_with_the_reason(self, door, tmp_path, content, kind):
        whole = drawn_osm(tmp_path / "whole.osm.pbf").read_bytes()
        cut = {"half": whole[: -len(whole) // 3], "head": whole[:40]}
        (tmp_path / "bad.osm.pbf").write_bytes(content if isinstance(content, bytes) else cut[content])
        assert door.run("import-streets", tmp_path / "bad.osm.pbf").refusal.kind == kind


class TestTheCommand:
    def published(self, door, file, *words):
        said = door.run("import-streets", file, "--publish", "--json", *words)
        assert said.refusal is None, said.refusal
        return said.report

    def test_an_update_changes_only_what_changed(self, door, tmp_path):
        first = self.published(door, drawn_osm(tmp_path / "one.osm.pbf"))
        assert (first["taken"], first["ended"], first["unchanged"], first["edition"]) == (6, 0, 0, 1)
        assert first["components"]["count"] == 2
        same = self.published(door, tmp_path / "one.osm.pbf")
        assert (same["taken"], same["ended"], same["edition"]) == (0, 0, None)
        without_north = {number: way for number, way in WAYS.items() if number != 12}
        second = self.published(door, drawn_osm(tmp_path / "two.osm.pbf", ways=without_north, shut=()))
        # the footway is gone, and the road is whole again where the gate was
        assert (second["taken"], second["ended"], second["unchanged"], second["edition"]) == (1, 3, 3, 2)
        counts = door.ask("SELECT count(*), count(*) FILTER (WHERE upper_inf(valid)) FROM street")
        assert counts == [(7, 4)]

    def test_a_layer_of_lines_is_the_network_or_is_added_to_it(self, door, tmp_path):
        self.published(door, drawn_osm(tmp_path / "one.osm.pbf"))
        east = [[LON + 2 * STEP, LAT], [LON + 3 * STEP, LAT]]
        feature = {
            "type": "Feature",
            "properties": {"类型": "人行道"},
            "geometry": {"type": "LineString", "coordinates": east},
        }
        motorway = {**feature, "properties": {"类型": "高速公路"}}
        document = {"type": "FeatureCollection", "features": [feature, motorway]}
        (tmp_path / "east.geojson").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        added = self.published(door, tmp_path / "east.geojson", "--add")
        assert (added["taken"], added["ended"], added["edges"], added["left_out"]) == (1, 0, 7, {"motorway": 1})
        alone = self.published(door, tmp_path / "east.geojson")
        assert (alone["taken"], alone["ended"], alone["edges"]) == (0, 6, 1)

    def test_a_layer_without_lines_is_refused(self, door):
        assert (
            door.run("import-streets", door.draw("areas", {"A": shapely.box(0, 0, 1, 1)})).refusal.kind
            == "streets-no-lines"
        )

    def test_the_report_says_what_was_left_out_and_that_pieces_are_apart(self, door, tmp_path):
        said = door.run("import-streets", drawn_osm(tmp_path / "one.osm.pbf"))
        assert "1 条高速公路" in said.output and "互不相连的 2 片" in said.output and "试运行" in said.output
