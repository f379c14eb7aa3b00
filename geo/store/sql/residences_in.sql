-- Residences in a box as of a moment: where someone lives, not who.
-- in: at (timestamptz), west, south, east, north (degrees EPSG:4490), limit      index: residence_geom_gist
SELECT id, address, estate, building, unit, households, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM residence
WHERE valid @> CAST(:at AS timestamptz) AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
ORDER BY id LIMIT :limit;
