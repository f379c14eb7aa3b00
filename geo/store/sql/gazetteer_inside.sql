-- Which of some areas hold some places: an area and what is declared to lie in one by the parents, others by position.
-- in: areas (bigint[]), numbers (integer[]: of the places), ids (bigint[]: the area of each, or null), lons, lats
--     (degrees or null), at (timestamptz)      index: area_version_area
WITH RECURSIVE place AS (
    SELECT * FROM unnest(
        CAST(:numbers AS integer[]), CAST(:ids AS bigint[]), CAST(:lons AS float8[]), CAST(:lats AS float8[])
    ) AS p (number, area_id, lon, lat)
), up AS (
    SELECT DISTINCT p.area_id AS bottom, p.area_id AS id FROM place AS p WHERE p.area_id IS NOT NULL
    UNION
    SELECT up.bottom, v.parent_id
    FROM up JOIN area_version AS v ON v.area_id = up.id
    WHERE v.valid @> CAST(:at AS timestamptz) AND v.parent_id IS NOT NULL
)
SELECT p.number, up.id AS area_id
FROM place AS p JOIN up ON up.bottom = p.area_id
WHERE up.id = ANY (CAST(:areas AS bigint[]))
UNION
SELECT p.number, v.area_id
FROM place AS p JOIN area_version AS v
  ON v.geom && ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490)
 AND ST_Covers(v.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490))
WHERE p.area_id IS NULL AND v.area_id = ANY (CAST(:areas AS bigint[])) AND v.valid @> CAST(:at AS timestamptz);
