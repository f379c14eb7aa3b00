-- The versions of one area, the oldest first, each with the publication that opened it.
-- in: area (bigint)      index: area_version_area, area_version_code, plan_edition
SELECT v.id, v.area_id, a.level, v.code, v.local_code, v.name, v.kind, v.category,
       (SELECT p.code FROM area_version AS p WHERE p.area_id = v.parent_id AND p.valid @> lower(v.valid)) AS parent,
       v.area_m2, v.not_subdivided, v.fully_divided, v.noded, v.edition, lower(v.valid) AS valid_from,
       upper(v.valid) AS valid_to, (SELECT min(q.id) FROM plan AS q WHERE q.edition = v.edition) AS plan, e.title
FROM area_version AS v JOIN area AS a ON a.id = v.area_id JOIN edition AS e ON e.id = v.edition
WHERE v.area_id = :area
ORDER BY lower(v.valid);
