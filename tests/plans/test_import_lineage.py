"""Where an area came from that a file redrew: an import leaves lineage as an operation does.

The town is drawn in ``conftest.py``.
"""

import pytest
from shapely import box

WEST, EAST = "511402002001", "511402002002"
G1, G2, G3, G4 = (f"{WEST}00{number}" for number in (1, 2, 3, 4))
G5, G6 = f"{EAST}001", f"{EAST}002"
MARKET = f"{WEST}801"
NORTH = f"{WEST}005"


def imported(town, rows, *words, publish=True):
    """Import grids; return the edition, or the plan where it is not published."""
    path = town.draw("changed", *rows.values(), codes=tuple(rows))
    said = town.run("import", path, "--level", "grid", "--json", *(["--publish"] if publish else []), *words)
    assert (said.refusal, said.exit_code) == (None, 0), said.output
    return said.document["edition" if publish else "plan"]


def lines(town, edition):
    """Return shares of both sides and households by the codes that areas bear now, or bore last."""
    rows = town.ask(
        """
        SELECT f.code, t.code, round(share_of_from::numeric, 3), round(share_of_to::numeric, 3), households
        FROM lineage AS l
        LEFT JOIN LATERAL (SELECT code FROM area_version WHERE area_id = from_id ORDER BY id DESC LIMIT 1) AS f ON true
        LEFT JOIN LATERAL (SELECT code FROM area_version WHERE area_id = to_id ORDER BY id DESC LIMIT 1) AS t ON true
        WHERE edition = %s ORDER BY 1, 2
        """,
        edition,
    )
    return {(one, other): (float(first), second and float(second), homes) for one, other, first, second, homes in rows}


def test_the_first_areas_of_a_level_come_from_nobody_and_leave_no_lines(town):
    assert town.ask("SELECT count(*) FROM lineage") == [(0,)]


def test_a_grid_that_a_file_divides_gave_each_part_its_share_and_its_households(town):
    edition = imported(town, {G1: box(0, 0, 2, 1), NORTH: box(0, 1, 2, 4)})
    assert lines(town, edition) == {(G1, G1): (0.25, 1.0, 306), (G1, NORTH): (0.75, 1.0, 918)}
    assert town.ask("SELECT DISTINCT operation FROM lineage") == [("import",)]
    ((plan, size_m2),) = town.ask("SELECT DISTINCT plan_id, sum(area_m2) OVER () FROM lineage")
    assert town.ask("SELECT kind, edition FROM plan WHERE id = %s", plan) == [("import", edition)]
    assert size_m2 == pytest.approx(
        town.ask("SELECT area_m2 FROM area_version WHERE code = %s AND edition < %s", G1, edition)[0][0], rel=1e-9
    )


def test_a_grid_that_a_file_leaves_out_went_to_the_one_that_has_its_land(town):
    rows = {G1: box(0, 0, 2, 4), G3: box(2, 0, 4, 2), G4: box(2, 2, 4, 4)}
    edition = imported(town, rows, "--retire-missing")
    assert lines(town, edition) == {(G2, G3): (1.0, 0.5, 120), (G3, G3): (1.0, 0.5, 140)}


def test_everything_may_go_everywhere(town):
    """Two rows of grids are drawn as two columns: each has half of either."""
    rows = {G2: box(2, 0, 3, 2), G3: box(3, 0, 4, 2)}
    edition = imported(town, rows)
    half = (0.5, 0.5)
    assert {pair: (first, second) for pair, (first, second, _) in lines(town, edition).items()} == {
        (one, other): half for one in (G2, G3) for other in (G2, G3)
    }
    # both buildings stand on the new border, whose eastern side has them
    assert {pair: homes for pair, (*_, homes) in lines(town, edition).items()} == {
        (G2, G2): 0,
        (G2, G3): 120,
        (G3, G2): 0,
        (G3, G3): 140,
    }


def test_a_border_that_was_digitised_again_moved_no_land_but_two_metres_did(town):
    again = {G5: box(4, 0, 6.005, 4), G6: box(6.005, 0, 8, 4)}
    assert lines(town, imported(town, again)) == {}
    moved = {G5: box(4, 0, 6.03, 4), G6: box(6.03, 0, 8, 4)}
    assert lines(town, imported(town, moved)).keys() == {(G5, G5), (G6, G5), (G6, G6)}


def test_names_and_special_grids_of_other_layers_are_no_land(town):
    path = town.draw("market", box(2.8, 2.5, 3.6, 3), codes=(MARKET,))
    said = town.run(
        "import", path, "--level", "grid", "--kind", "special", "--category", "market", "--publish", "--json"
    )
    assert said.exit_code == 0, said.output
    # the market grew over land that no special grid had: nobody gave it any
    assert lines(town, said.document["edition"]) == {(MARKET, MARKET): (1.0, 0.75, 0)}


def test_a_kept_import_shows_its_lineage_before_it_is_published_and_after(town):
    plan = imported(town, {G1: box(0, 0, 2, 1), NORTH: box(0, 1, 2, 4)}, publish=False)
    drafted = town.told("plan", "check", plan)
    assert {(one["from_code"], one["to_code"]): one["households"] for one in drafted["lineage"]} == {
        (G1, G1): 306,
        (G1, NORTH): 918,
    }
    edition = town.publish(plan)["edition"]
    assert lines(town, edition) == {(G1, G1): (0.25, 1.0, 306), (G1, NORTH): (0.75, 1.0, 918)}
    assert town.told("plan", "check", plan)["lineage"] == drafted["lineage"]
    said = town.run("plan", "sheet", plan, "--out", town.folder / "sheet.html")
    assert said.exit_code == 0, said.refusal
    assert {NORTH, "导入", "918"} <= {
        word for word in (NORTH, "导入", "918") if word in (town.folder / "sheet.html").read_text("utf-8")
    }


def test_where_an_area_came_from_is_answered_over_http(town, http):
    edition = imported(town, {G1: box(0, 0, 2, 1), NORTH: box(0, 1, 2, 4)})
    found = http.get(f"/api/v1/areas/{NORTH}/lineage").json()
    (line,) = found["from"]
    assert (line["from"]["code"], line["operation"], line["edition"]) == (G1, "import", edition)
    assert (line["share_of_to"], line["households"]) == (pytest.approx(1.0), 918)
    (gone,) = http.get(f"/api/v1/areas/{G1}/lineage").json()["to"]
    assert (gone["to"]["code"], gone["share_of_from"]) == (NORTH, pytest.approx(0.75, abs=1e-4))


def test_communities_pass_land_and_people_too(town):
    rows = {WEST: box(0, 0, 4.5, 4), EAST: box(4.5, 0, 8, 4)}
    # the grids follow in the next file: until then the check would stop it
    path = town.draw("communities", *rows.values(), codes=tuple(rows))
    said = town.run("import", path, "--level", "community", "--publish", "--json", "--baseline", "--reason", "分两步")
    assert said.exit_code == 0, said.output
    found = lines(town, said.document["edition"])
    assert found[EAST, WEST] == (0.125, 0.111, 20)
    assert (found[EAST, EAST][2], found[WEST, WEST][2]) == (790, 1894)
    assert G4 not in {code for pair in found for code in pair}
