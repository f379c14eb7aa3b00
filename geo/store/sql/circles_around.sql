-- Circles that cover a point as of a moment, their borders included.
-- in: at (timestamptz), lon, lat (degrees EPSG:4490)      index: circle_geom_gist
SELECT f.id AS facility, f.name, f.category, c.profile, c.tier, c.limit_m, c.means
FROM circle AS c JOIN facility AS f ON f.id = c.facility_id
WHERE ST_Intersects(c.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490))
  AND c.valid @> CAST(:at AS timestamptz)
  AND f.valid @> CAST(:at AS timestamptz)
ORDER BY f.category, f.name, c.facility_id, c.limit_m, c.profile;
