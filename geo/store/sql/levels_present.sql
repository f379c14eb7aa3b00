-- Levels that have an area as of a moment.
-- in: at (timestamptz)      index: area_level
SELECT known.level
FROM (SELECT DISTINCT level FROM area) AS known
WHERE EXISTS (
    SELECT FROM area AS a JOIN area_version AS v ON v.area_id = a.id
    WHERE a.level = known.level AND v.valid @> CAST(:at AS timestamptz)
);
