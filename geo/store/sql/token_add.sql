-- Make a token, unless one of its name is in force.
-- in: name, digest, scopes (text[]), areas (bigint[] or null), per_minute, creator, expires_at      index: token_name
INSERT INTO token (name, digest, scopes, area_ids, per_minute, created_at, created_by, expires_at)
VALUES (:name, :digest, :scopes, CAST(:areas AS bigint[]), :per_minute, clock_timestamp(), :creator, :expires_at)
ON CONFLICT DO NOTHING
RETURNING id;
