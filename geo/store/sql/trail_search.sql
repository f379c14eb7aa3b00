-- Records of the audit trail, the newest first.
-- in: actor, word (text or null), since, until (timestamptz or null), before (number or null), limit
-- index: trail's key, trail_actor, trail_at
SELECT number, at, actor, via, address, action, subject, details, previous, digest
FROM trail
WHERE (CAST(:actor AS text) IS NULL OR actor = CAST(:actor AS text))
  AND (CAST(:word AS text) IS NULL OR strpos(action || ' ' || subject, CAST(:word AS text)) > 0)
  AND (CAST(:since AS timestamptz) IS NULL OR at >= CAST(:since AS timestamptz))
  AND (CAST(:until AS timestamptz) IS NULL OR at < CAST(:until AS timestamptz))
  AND (CAST(:before AS bigint) IS NULL OR number < CAST(:before AS bigint))
ORDER BY number DESC
LIMIT :limit;
