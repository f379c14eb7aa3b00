-- Circles of a profile as of a moment, with the facilities they belong to.
-- in: at (timestamptz), profile, tier, category, name (text), facilities (bigint[]), lon, lat (degrees EPSG:4490: those that
--     cover the point), west, south, east, north; all but at may be null      index: circle_geom_gist
SELECT c.facility_id, f.name, f.category, ST_X(f.geom) AS lon, ST_Y(f.geom) AS lat, c.profile, c.tier, c.limit_m, c.means,
       c.reason, c.snapped_m, c.area_m2, c.edition, ST_AsBinary(c.geom) AS wkb
FROM circle AS c JOIN facility AS f ON f.id = c.facility_id
WHERE c.valid @> CAST(:at AS timestamptz)
  AND f.valid @> CAST(:at AS timestamptz)
  AND (CAST(:profile AS text) IS NULL OR c.profile = :profile)
  AND (CAST(:tier AS text) IS NULL OR c.tier = :tier)
  AND (CAST(:category AS text) IS NULL OR f.category = :category)
  AND (CAST(:name AS text) IS NULL OR f.name = :name)
  AND (CAST(:facilities AS bigint[]) IS NULL OR c.facility_id = ANY (CAST(:facilities AS bigint[])))
  AND (CAST(:lon AS double precision) IS NULL OR ST_Intersects(c.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)))
  AND (CAST(:west AS double precision) IS NULL OR c.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490))
ORDER BY f.category, f.name, c.facility_id, c.limit_m, c.profile;
