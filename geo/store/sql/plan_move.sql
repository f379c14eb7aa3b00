-- Set state and draft of a plan, if nobody moved it since it was read.
-- in: plan, old_state, old_draft, state, draft, reviewer (text or null)      index: plan's key
UPDATE plan
SET state = :state, draft = :draft, reviewer = :reviewer
WHERE id = :plan AND state = :old_state AND draft = :old_draft;
