-- Change what a plan is called and when it takes effect.
-- in: plan, title, effective_date (date or null), publish_not_before (timestamptz or null)      index: plan's key
UPDATE plan
SET title = :title, effective_date = :effective_date, publish_not_before = :publish_not_before
WHERE id = :plan;
