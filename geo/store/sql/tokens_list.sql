-- Tokens, the newest first, with the codes that their areas bear now.
-- in: name (text or null: all)      index: token's key
SELECT t.id, t.name, t.scopes, t.area_ids, t.per_minute, t.created_at, t.created_by, t.expires_at, t.revoked_at,
       (SELECT array_agg(v.code ORDER BY v.code) FROM area_version AS v
        WHERE v.area_id = ANY (t.area_ids) AND upper_inf(v.valid)) AS codes
FROM token AS t
WHERE CAST(:name AS text) IS NULL OR lower(t.name) = lower(CAST(:name AS text))
ORDER BY t.revoked_at IS NOT NULL, t.id DESC;
