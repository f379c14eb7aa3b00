-- Areas as of one moment, whole columns for the core.
-- in: at (timestamptz), levels (text[] or null), kind (text or null), codes (text[] or null), ids, parents (bigint[] or null),
--     west, south, east, north (degrees EPSG:4490, all or none null), shapes (false leaves the geometry out)
-- index: area_version_geom_gist, area_version_code, area_version_parent
SELECT a.id, a.level, v.code, v.local_code, v.name, v.kind, v.category, v.parent_id, v.not_subdivided,
       v.fully_divided, v.source_digest, v.area_m2,
       CASE WHEN CAST(:shapes AS boolean) THEN ST_AsBinary(v.geom) END AS wkb
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE v.valid @> CAST(:at AS timestamptz)
  AND (CAST(:levels AS text[]) IS NULL OR a.level = ANY (CAST(:levels AS text[])))
  AND (CAST(:kind AS text) IS NULL OR v.kind = :kind)
  AND (CAST(:codes AS text[]) IS NULL OR v.code = ANY (CAST(:codes AS text[])))
  AND (CAST(:ids AS bigint[]) IS NULL OR a.id = ANY (CAST(:ids AS bigint[])))
  AND (CAST(:parents AS bigint[]) IS NULL OR v.parent_id = ANY (CAST(:parents AS bigint[])))
  AND (CAST(:west AS double precision) IS NULL
       OR v.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490))
ORDER BY v.code;
