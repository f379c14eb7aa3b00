-- Areas of a name directly below some areas: of a name that very many bear.
-- in: stems (bigint[]), digits (text[]), parents (bigint[]), at (timestamptz)      index: area_version_name
SELECT n.stem_id, 'area' AS kind, v.area_id AS id, v.name, v.code, a.level, CAST(NULL AS float8) AS lon,
       CAST(NULL AS float8) AS lat, v.area_id, CAST(NULL AS text) AS alias
FROM place_name AS n
JOIN area_version AS v ON v.name = n.name COLLATE "default" AND length(v.name) <= 200
 AND v.parent_id = ANY (CAST(:parents AS bigint[])) AND v.valid @> CAST(:at AS timestamptz)
JOIN area AS a ON a.id = v.area_id
WHERE n.stem_id = ANY (CAST(:stems AS bigint[])) AND n.digits = ANY (CAST(:digits AS text[]))
LIMIT 500;
