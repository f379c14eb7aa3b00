-- Residences as of a moment that lie in a box, or have no position and are registered with one of some areas.
-- in: at (timestamptz), ids (bigint[]), west, south, east, north (degrees EPSG:4490)
-- index: residence_geom_gist, residence_area
SELECT r.address, r.estate, r.households, r.residents, r.area_id, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat
FROM residence AS r
WHERE r.valid @> CAST(:at AS timestamptz)
  AND (r.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
       OR (r.geom IS NULL AND r.area_id = ANY (CAST(:ids AS bigint[]))))
ORDER BY r.address, r.id;
