-- Begin a session.
-- in: digest (SHA-256 of the cookie), account, lasting (interval)      index: session's key
INSERT INTO session (digest, account_id, opened_at, seen_at, expires_at)
VALUES (:digest, :account, clock_timestamp(), clock_timestamp(), clock_timestamp() + :lasting);
