-- Who lives in or near some areas as of a moment; those without a position with the area they are registered with.
-- in: at (timestamptz), ids (bigint[])      index: area_version_area, residence_geom_gist, residence_area
SELECT r.id, r.households, CASE WHEN r.geom IS NULL THEN r.area_id END AS area_id,
       ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat
FROM residence AS r
WHERE r.valid @> CAST(:at AS timestamptz) AND r.id IN (
    SELECT r.id FROM area_version AS v JOIN residence AS r ON r.geom && v.geom
    WHERE v.area_id = ANY (CAST(:ids AS bigint[])) AND v.valid @> CAST(:at AS timestamptz)
    UNION
    SELECT r.id FROM residence AS r WHERE r.area_id = ANY (CAST(:ids AS bigint[])) AND r.geom IS NULL
)
ORDER BY r.id;
