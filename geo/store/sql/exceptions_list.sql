-- Accepted findings, the newest first; with those revoked.
-- in: numbers (bigint[] or null: only these)      index: accepted_finding's key
SELECT f.id, f.finding_id, f.kind, f.codes, ST_AsBinary(f.geom) AS wkb, f.area_m2, f.reason, f.accepted_by,
       f.accepted_at, f.accepted_via, f.until, f.baseline, f.edition, f.revoked_at
FROM accepted_finding AS f
WHERE CAST(:numbers AS bigint[]) IS NULL OR f.id = ANY (CAST(:numbers AS bigint[]))
ORDER BY f.id DESC;
