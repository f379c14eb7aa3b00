-- Take exceptions back; those that were revoked before stay as they are.
-- in: numbers (bigint[]), actor, via, reason (text), at (timestamptz)      index: accepted_finding's key
UPDATE accepted_finding
SET revoked_at = :at, revoked_by = :actor, revoked_via = :via, revoke_reason = :reason
WHERE id = ANY (CAST(:numbers AS bigint[])) AND revoked_at IS NULL
RETURNING id;
