-- What an edition changed: the versions that it closed and the areas that it created or brought back, and who was changed since.
-- in: edition      index: area_version_ended, area_version_edition, area_version_area
WITH own AS (
    SELECT area_id, id, noded FROM area_version WHERE edition = :edition
), closed AS (
    SELECT v.area_id, v.id FROM area_version AS v
    WHERE NOT upper_inf(v.valid) AND upper(v.valid) = (SELECT published_at FROM edition WHERE id = :edition)
), touched AS (
    SELECT coalesce(c.area_id, o.area_id) AS area_id, c.id AS closed_id, o.id IS NOT NULL AS opened
    FROM closed AS c FULL JOIN own AS o ON o.area_id = c.area_id
    WHERE NOT (c.id IS NOT NULL AND coalesce(o.noded, false))
)
SELECT t.area_id, t.closed_id,
       t.closed_id IS NULL AS created,
       EXISTS (SELECT FROM area_version AS v WHERE v.area_id = t.area_id AND v.edition > :edition AND NOT v.noded)
       OR (t.opened AND NOT EXISTS (SELECT FROM area_version AS v WHERE v.area_id = t.area_id AND upper_inf(v.valid)))
       AS changed_since
FROM touched AS t
ORDER BY t.area_id;
