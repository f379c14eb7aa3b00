-- What the residences of some areas add up to as of a moment: by their points, else by the grid that the ledger names.
-- A residence on a common border counts once, where the ledger puts it, else in the area with the smallest code.
-- in: at (timestamptz), ids (bigint[]: areas that do not overlap)      index: residence_geom_gist, residence_area
WITH place AS (
    SELECT v.area_id, v.code, v.geom FROM area_version AS v
    WHERE v.area_id = ANY (CAST(:ids AS bigint[])) AND v.valid @> CAST(:at AS timestamptz)
), home AS (
    SELECT r.id, r.area_id AS named, p.area_id, p.code, r.households, r.residents
    FROM place AS p JOIN residence AS r ON r.geom && p.geom AND ST_Covers(p.geom, r.geom)
    WHERE r.valid @> CAST(:at AS timestamptz)
    UNION ALL
    SELECT r.id, r.area_id, p.area_id, p.code, r.households, r.residents
    FROM place AS p JOIN residence AS r ON r.area_id = p.area_id AND r.geom IS NULL
    WHERE r.valid @> CAST(:at AS timestamptz)
), once AS (
    SELECT DISTINCT ON (id) area_id, households, residents FROM home
    ORDER BY id, named IS NOT DISTINCT FROM area_id DESC, code
)
SELECT area_id, sum(households) AS households,
       CASE WHEN count(residents) = count(*) THEN sum(residents) END AS residents
FROM once GROUP BY area_id;
