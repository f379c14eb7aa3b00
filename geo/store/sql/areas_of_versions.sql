-- Areas as some of their versions have them, whole columns for the core.
-- in: versions (bigint[]: ids of versions)      index: area_version's key
SELECT a.id, a.level, v.code, v.local_code, v.name, v.kind, v.category, v.parent_id, v.not_subdivided,
       v.fully_divided, v.source_digest, v.area_m2, ST_AsBinary(v.geom) AS wkb
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE v.id = ANY (CAST(:versions AS bigint[]))
ORDER BY v.code;
