-- Residences as of a moment, those whose point lies in a box and those without a point.
-- in: at (timestamptz), west, south, east, north (degrees EPSG:4490)      index: residence_geom_gist
SELECT r.id, r.address, r.households, coalesce(r.area_id, 0) AS area_id, ST_AsBinary(r.geom) AS wkb
FROM residence AS r
WHERE r.valid @> CAST(:at AS timestamptz)
  AND (r.geom IS NULL OR r.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490))
ORDER BY r.address, r.id;
