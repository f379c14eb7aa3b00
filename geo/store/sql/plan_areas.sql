-- The versions that the draft of an import is to open, and the areas that it ends.
-- in: plan, draft      index: plan_area's key
SELECT p.area_id, p.level, p.code, p.local_code, p.name, p.kind, p.category, p.parent_id, p.not_subdivided,
       p.fully_divided, p.source_digest, p.area_m2, ST_AsBinary(p.geom) AS wkb, p.noded, p.ends
FROM plan_area AS p
WHERE p.plan_id = :plan AND p.draft = :draft
ORDER BY p.code, p.area_id;
