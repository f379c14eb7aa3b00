"""Real extracts of OpenStreetMap through the command: streets, facilities, circles."""

from pathlib import Path

import pytest

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "osm"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/osm is not here"),
]


def test_helsinki_comes_in_whole_but_for_what_its_extract_cut_off(door):
    report = door.run("import-streets", DATA / "Helsinki.osm.pbf", "--publish", "--json").report
    assert (report["lines"], report["edges"], report["nodes"]) == (2408, 4865, 3539)
    assert report["left_out"] == {"nodes-missing": 183, "class": 164, "access": 65, "barrier": 16}
    assert report["components"]["count"] == 21
    assert report["length_m"] == pytest.approx(111_429.2, abs=0.1)
    assert door.run("import-facilities", DATA / "Helsinki.osm.pbf", "--publish").exit_code == 0
    circles = door.run("circles", "refresh", "--json").report
    assert circles["facilities"] == circles["made"] > 20
    assert circles["means"]["walked"] > 0.9 * circles["facilities"]
    again = door.run("import-streets", DATA / "Helsinki.osm.pbf", "--publish", "--json").report
    assert (again["taken"], again["ended"], again["edition"]) == (0, 0, None)
