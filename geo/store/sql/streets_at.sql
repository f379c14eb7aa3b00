-- Walkable edges as of a moment, all or those whose box meets a box.
-- in: at (timestamptz), west, south, east, north (degrees EPSG:4490, or all null)      index: street_geom_gist
SELECT s.id, s.way_id, s.class, s.steps, s.layer, s.incline, ST_AsBinary(s.geom) AS wkb
FROM street AS s
WHERE s.valid @> CAST(:at AS timestamptz)
  AND (CAST(:west AS double precision) IS NULL OR s.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490))
ORDER BY s.id;
