-- Accepted findings, the newest first; with those revoked. Areas bear the codes that they have at the moment: a code
-- may change, the area is the same. An area that is no more keeps the code by which it was accepted.
-- in: numbers (bigint[] or null: only these), at (timestamptz or null: now)
-- index: accepted_finding's key, area_version_code, area_version_one_at_a_time
SELECT f.id, f.finding_id, f.kind, named.codes, ST_AsBinary(f.geom) AS wkb, f.area_m2, f.reason, f.accepted_by,
       f.accepted_at, f.accepted_via, f.until, f.baseline, f.edition, f.revoked_at
FROM accepted_finding AS f
CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg(COALESCE(present.code, given.code) ORDER BY given.place), '{}') AS codes
    FROM unnest(f.codes) WITH ORDINALITY AS given (code, place)
    LEFT JOIN LATERAL (
        SELECT v.area_id FROM area_version AS v
        WHERE v.code = given.code
        ORDER BY v.valid @> f.accepted_at DESC, lower(v.valid) DESC
        LIMIT 1
    ) AS meant ON true
    LEFT JOIN area_version AS present
        ON present.area_id = meant.area_id
        AND present.valid @> COALESCE(CAST(:at AS timestamptz), 'infinity')
) AS named
WHERE CAST(:numbers AS bigint[]) IS NULL OR f.id = ANY (CAST(:numbers AS bigint[]))
ORDER BY f.id DESC;
