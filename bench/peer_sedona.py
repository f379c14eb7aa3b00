"""The peer of the point index that is compiled too: a join in SedonaDB, on one core.

Run as ``python peer_sedona.py AREAS.parquet POINTS.npy OUT.npy`` by an environment that has sedonadb; prints JSON. The
join makes its own index, each time: there is no way to build one beforehand.
"""

import json
import sys
import time

import geopandas
import numpy as np
import sedonadb

JOIN = "SELECT p.place AS place, a.row AS row FROM points AS p JOIN areas AS a ON ST_Intersects(a.geometry, p.geometry)"


def main(areas: str, points: str, out: str) -> None:
    """Join the points to the areas, and leave the row of each point, -1 for none."""
    session = sedonadb.connect()
    session.sql("SET datafusion.execution.target_partitions TO 1").execute()
    shapes = geopandas.read_parquet(areas)
    session.create_data_frame(shapes).to_memtable().to_view("areas")
    lon, lat = np.load(points).T
    frame = geopandas.GeoDataFrame(
        {"place": np.arange(len(lon))}, geometry=geopandas.points_from_xy(lon, lat, crs=shapes.crs)
    )
    session.create_data_frame(frame).to_memtable().to_view("points")
    begin, wall = time.process_time(), time.perf_counter()
    joined = session.sql(JOIN).to_arrow_table()
    spent = {"seconds": time.process_time() - begin, "wall_seconds": time.perf_counter() - wall}
    rows = np.full(len(lon), -1, dtype=np.int32)
    rows[joined["place"].to_numpy()] = joined["row"].to_numpy()
    np.save(out, rows)
    sys.stdout.write(json.dumps(spent) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
