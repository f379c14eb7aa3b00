-- The areas of a level that covered a point, up to a moment, the newest first; special grids go with the grids.
-- in: level, lon, lat (EPSG:4490), at (timestamptz), limit      index: area_version_geom_gist
SELECT v.code, v.name, v.kind, lower(v.valid) AS valid_from, upper(v.valid) AS valid_to, v.edition
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE a.level = :level AND lower(v.valid) <= CAST(:at AS timestamptz)
  AND ST_Intersects(v.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490))
ORDER BY lower(v.valid) DESC, v.kind DESC, v.code
LIMIT :limit;
