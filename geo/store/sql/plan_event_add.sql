-- Write down something that happened to a plan.
-- in: plan, actor, via, event, draft, reason (text or null), details (JSON text)      index: none
INSERT INTO plan_event (plan_id, at, actor, via, event, draft, reason, details)
VALUES (:plan, clock_timestamp(), :actor, :via, :event, :draft, :reason, CAST(:details AS jsonb));
