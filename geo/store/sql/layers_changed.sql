-- Levels and kinds of which a version was opened or ended after an edition.
-- in: edition (bigint)      index: area_version_edition
SELECT DISTINCT a.level, v.kind
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE v.edition > :edition
   OR upper(v.valid) > (SELECT max(published_at) FROM edition WHERE id <= :edition);
