"""Let Valhalla draw pedestrian isochrones; runs in an environment of its own. Arguments: extract, folder, file, runs.

The file holds [[lon, lat], …]; what is printed last is {"seconds": one run each, "circles": [[GeoJSON, …] or null, …]}.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import valhalla

MINUTES = (5, 10, 15)


def main() -> None:
    """Build tiles where there are none, then draw, once to warm up and for the answers."""
    extract, folder, points, runs = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    tiles = folder / "tiles"
    tiles.mkdir(parents=True, exist_ok=True)
    settings = valhalla.get_config(tile_extract="", tile_dir=str(tiles), verbose=False)
    settings["mjolnir"]["concurrency"] = 1
    if not any(tiles.iterdir()):
        (folder / "valhalla.json").write_text(json.dumps(settings))
        builder = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        subprocess.run([builder, "-c", folder / "valhalla.json", extract], check=True, capture_output=True)
    actor = valhalla.Actor(settings)
    places = json.loads(Path(points).read_text())
    answers = [_circles(actor, *place) for place in places]
    seconds = []
    for _ in range(runs):
        begin = time.process_time()
        for place in places:
            _circles(actor, *place)
        seconds.append(time.process_time() - begin)
    print(json.dumps({"seconds": seconds, "circles": answers}))


def _circles(actor: valhalla.Actor, lon: float, lat: float) -> list[object] | None:
    question = {
        "locations": [{"lon": lon, "lat": lat}],
        "costing": "pedestrian",
        "costing_options": {"pedestrian": {"walking_speed": 4.8, "step_penalty": 0}},
        "contours": [{"time": minutes} for minutes in MINUTES],
        "polygons": True,
        "denoise": 0,
        "generalize": 0,
    }
    try:
        found = actor.isochrone(question)["features"]
    except RuntimeError:
        return None
    by_minutes = {round(one["properties"]["contour"]): one["geometry"] for one in found}
    return [by_minutes[minutes] for minutes in MINUTES]


if __name__ == "__main__":
    main()
