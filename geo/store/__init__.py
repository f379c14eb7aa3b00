"""PostGIS: the only home of SQL."""
