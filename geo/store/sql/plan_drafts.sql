-- The versions of the draft of one plan, the first one first.
-- in: plan, number (integer or null: only this one)      index: plan_draft's key
SELECT plan_id, number, parent, operations, base_edition, seen, outcome, digest, author, at
FROM plan_draft
WHERE plan_id = :plan AND (CAST(:number AS integer) IS NULL OR number = :number)
ORDER BY number;
