-- Keep a version of the draft of a plan.
-- in: plan, number, parent, operations, base_edition, seen, outcome (JSON text), digest, author      index: none
INSERT INTO plan_draft (plan_id, number, parent, operations, base_edition, seen, outcome, digest, author, at)
VALUES (:plan, :number, :parent, CAST(:operations AS jsonb), :base_edition, CAST(:seen AS jsonb),
        CAST(:outcome AS jsonb), :digest, :author, clock_timestamp())
RETURNING at;
