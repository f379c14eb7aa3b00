-- Codes that an area has borne and none bears now, each with the area that bore it last.
-- in: codes (text[])      index: area_version_code
SELECT DISTINCT ON (v.code) v.code, v.area_id, a.level, v.kind, v.source_digest, upper(v.valid) AS ended,
       NOT EXISTS (SELECT 1 FROM area_version AS o WHERE o.area_id = v.area_id AND upper_inf(o.valid)) AS whole
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE v.code = ANY (CAST(:codes AS text[]))
  AND NOT EXISTS (SELECT 1 FROM area_version AS n WHERE n.code = v.code AND upper_inf(n.valid))
ORDER BY v.code, upper(v.valid) DESC;
