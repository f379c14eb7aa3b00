-- Plans, the newest first.
-- in: states (text[] or null), before (bigint or null), plan (bigint or null: only this one), limit
-- index: plan's key
SELECT id, title, kind, state, author, reviewer, draft, effective_date, publish_not_before, created_at, reverts, edition
FROM plan
WHERE (CAST(:states AS text[]) IS NULL OR state = ANY (CAST(:states AS text[])))
  AND (CAST(:before AS bigint) IS NULL OR id < :before)
  AND (CAST(:plan AS bigint) IS NULL OR id = :plan)
ORDER BY id DESC
LIMIT :limit;
