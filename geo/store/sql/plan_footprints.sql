-- Which areas the open plans change.
-- in: states (text[]), areas (text[] or null: ids of areas, plans that change one of them)      index: plan_open
SELECT p.id, p.title, p.state, ARRAY(SELECT jsonb_object_keys(d.seen)) AS areas
FROM plan AS p JOIN plan_draft AS d ON d.plan_id = p.id AND d.number = p.draft
WHERE p.state = ANY (CAST(:states AS text[]))
  AND (CAST(:areas AS text[]) IS NULL OR d.seen ?| CAST(:areas AS text[]))
ORDER BY p.id;
