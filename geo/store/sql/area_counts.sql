-- How many areas of each level and kind there are as of a moment.
-- in: at (timestamptz), within (text or null: an area's code, that area and all below it)
-- index: area_version_code, area_version_parent
WITH RECURSIVE below AS (
    SELECT v.area_id FROM area_version AS v
    WHERE v.code = :within AND v.valid @> CAST(:at AS timestamptz)
    UNION
    SELECT v.area_id FROM area_version AS v JOIN below ON v.parent_id = below.area_id
    WHERE v.valid @> CAST(:at AS timestamptz)
)
SELECT a.level, v.kind, count(*) AS areas
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE v.valid @> CAST(:at AS timestamptz)
  AND (CAST(:within AS text) IS NULL OR a.id IN (SELECT area_id FROM below))
GROUP BY a.level, v.kind;
