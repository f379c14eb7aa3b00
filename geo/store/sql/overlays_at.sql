-- Polygons of one overlay as of a moment, those whose box meets a box.
-- in: at (timestamptz), layer (text), west, south, east, north (degrees EPSG:4490)      index: overlay_geom_gist
SELECT coalesce(o.code, o.name) AS code, o.name, ST_AsBinary(o.geom) AS wkb
FROM overlay AS o
WHERE o.valid @> CAST(:at AS timestamptz)
  AND o.layer = :layer
  AND o.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)
ORDER BY o.name, o.id;
