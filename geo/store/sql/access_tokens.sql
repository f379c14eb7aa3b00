-- Tokens in force.
-- in: nothing      index: none, all are read
SELECT id, name, digest, scopes, area_ids, per_minute, expires_at
FROM token WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp());
