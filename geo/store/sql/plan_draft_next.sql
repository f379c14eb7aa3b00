-- The number of the next version of a plan's draft; whoever asks second waits for the first.
-- in: plan      index: plan's and plan_draft's key
SELECT 1 + coalesce((SELECT max(d.number) FROM plan_draft AS d WHERE d.plan_id = p.id), 0)
FROM (SELECT id FROM plan WHERE id = :plan FOR UPDATE) AS p;
