-- The areas of which a version was opened or ended after an edition, and the children now of those that there were not then.
-- in: edition (bigint)      index: area_version_edition, area_version_ended, area_version_area, area_version_parent
WITH changed AS (
    SELECT v.area_id FROM area_version AS v WHERE v.edition > :edition
    UNION
    SELECT v.area_id FROM area_version AS v
    WHERE NOT upper_inf(v.valid) AND upper(v.valid) > (SELECT published_at FROM edition WHERE id = :edition)
), appeared AS (
    SELECT c.area_id FROM changed AS c
    WHERE NOT EXISTS (
        SELECT FROM area_version AS v
        WHERE v.area_id = c.area_id AND v.valid @> (SELECT published_at FROM edition WHERE id = :edition)
    )
)
SELECT area_id FROM changed
UNION
SELECT v.area_id FROM area_version AS v JOIN appeared AS a ON v.parent_id = a.area_id WHERE upper_inf(v.valid)
ORDER BY area_id;
