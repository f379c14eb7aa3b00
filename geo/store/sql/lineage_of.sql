-- Lineage with the codes and names that areas had just before and just after.
-- in: area (bigint or null: records in which it gave or got land), edition (bigint or null: only of this one),
--     until (timestamptz or null)      index: lineage_from, lineage_to, lineage_edition, area_version_area
SELECT l.edition, e.published_at AS at, l.plan_id, l.operation, l.from_id, b.code AS from_code, b.name AS from_name,
       l.to_id, n.code AS to_code, n.name AS to_name, a.level, l.area_m2, l.share_of_from, l.share_of_to, l.households
FROM lineage AS l
JOIN edition AS e ON e.id = l.edition
JOIN area AS a ON a.id = coalesce(l.to_id, l.from_id)
LEFT JOIN LATERAL (
    SELECT v.code, v.name FROM area_version AS v
    WHERE v.area_id = l.from_id AND lower(v.valid) < e.published_at
      AND (upper_inf(v.valid) OR upper(v.valid) >= e.published_at)
) AS b ON true
LEFT JOIN area_version AS n ON n.area_id = l.to_id AND n.valid @> e.published_at
WHERE (CAST(:area AS bigint) IS NULL OR l.from_id = :area OR l.to_id = :area)
  AND (CAST(:edition AS bigint) IS NULL OR l.edition = :edition)
  AND (CAST(:until AS timestamptz) IS NULL OR e.published_at <= :until)
ORDER BY l.edition, l.id;
