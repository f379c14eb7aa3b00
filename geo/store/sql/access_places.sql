-- Everything above areas, as it is now; above areas that have ended as it was last.
-- in: areas (bigint[])      index: area_version_area
WITH RECURSIVE above AS (
    SELECT one AS area, one AS id FROM unnest(CAST(:areas AS bigint[])) AS one
    UNION
    SELECT u.area, v.parent_id FROM above AS u CROSS JOIN LATERAL (
        SELECT o.parent_id FROM area_version AS o WHERE o.area_id = u.id ORDER BY lower(o.valid) DESC LIMIT 1
    ) AS v
    WHERE v.parent_id IS NOT NULL
)
SELECT area, id FROM above;
