-- Keep others from changing a plan until the transaction ends.
-- in: plan      index: plan's key
SELECT id FROM plan WHERE id = :plan FOR UPDATE;
