-- Make an account, unless its name is taken.
-- in: name, password (hash or null), issuer, subject (text or null)      index: account_name
INSERT INTO account (name, password, issuer, subject, created_at)
VALUES (:name, :password, :issuer, :subject, clock_timestamp())
ON CONFLICT DO NOTHING
RETURNING id;
