-- Give an account a role in an area, or everywhere; once is enough.
-- in: account, role, area (id or null)      index: account_grant_once
INSERT INTO account_grant (account_id, role, area_id) VALUES (:account, :role, CAST(:area AS bigint))
ON CONFLICT DO NOTHING;
