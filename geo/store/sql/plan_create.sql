-- Begin a plan.
-- in: title, kind, author, effective_date (date or null), publish_not_before (timestamptz or null),
--     reverts (edition or null)      index: none
INSERT INTO plan (title, kind, author, effective_date, publish_not_before, created_at, reverts)
VALUES (:title, :kind, :author, :effective_date, :publish_not_before, clock_timestamp(), :reverts)
RETURNING id, title, kind, state, author, reviewer, draft, effective_date, publish_not_before, created_at, reverts,
          edition;
