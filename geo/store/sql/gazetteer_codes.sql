-- Areas by their code or its beginning, or by their own number.
-- in: head, behind (text: the least text that no longer begins so), at (timestamptz), most
-- index: area_version_code, area_version_local_code
(
    SELECT 'area' AS kind, v.area_id AS id, v.name, v.code, a.level, CAST(NULL AS float8) AS lon,
           CAST(NULL AS float8) AS lat, v.area_id
    FROM area_version AS v JOIN area AS a ON a.id = v.area_id
    WHERE v.code >= CAST(:head AS text) AND v.code < CAST(:behind AS text) AND v.valid @> CAST(:at AS timestamptz)
    ORDER BY v.code LIMIT :most
)
UNION
(
    SELECT 'area', v.area_id, v.name, v.code, a.level, NULL, NULL, v.area_id
    FROM area_version AS v JOIN area AS a ON a.id = v.area_id
    WHERE v.local_code = :head AND length(v.local_code) <= 200 AND v.valid @> CAST(:at AS timestamptz) LIMIT :most
);
