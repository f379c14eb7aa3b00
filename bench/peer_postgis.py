"""The peer of an import: read a file with GeoPandas, write it with ``to_postgis``, and index it.

Run as ``python -m bench.peer_postgis FILE URL TABLE``, a process of its own as our command is.
"""

import sys
from pathlib import Path

import geopandas
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


def main(file: str, url: str, table: str) -> None:
    """Write a file to a table with a GiST index."""
    read = geopandas.read_parquet if Path(file).suffix == ".parquet" else geopandas.read_file
    frame = read(file)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    frame.to_postgis(table, engine)
    with engine.begin() as connection:
        # GeoAlchemy2 makes the index with the table; a version that does not leaves it to us
        indexed = connection.scalar(
            text("SELECT count(*) FROM pg_indexes WHERE tablename = :name AND indexdef LIKE '%USING gist%'"),
            {"name": table},
        )
        if not indexed:
            connection.exec_driver_sql(f"CREATE INDEX ON {table} USING gist (geometry)")
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
