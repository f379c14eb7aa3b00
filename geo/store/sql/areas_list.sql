-- One page of areas as of a moment, by code.
-- in: at (timestamptz), level, parent, kind (text or null), within (text or null: an area's code, all below it),
--     after (text: code of the last one seen), limit, west, south, east, north (degrees or null), shapes (boolean)
-- index: area_version_code, area_version_geom_gist, area_version_parent
WITH RECURSIVE below AS (
    SELECT v.area_id FROM area_version AS v
    WHERE v.code = :within AND v.valid @> CAST(:at AS timestamptz)
    UNION
    SELECT v.area_id FROM area_version AS v JOIN below ON v.parent_id = below.area_id
    WHERE v.valid @> CAST(:at AS timestamptz)
)
SELECT v.code, v.local_code, v.name, a.level, v.kind, v.category, p.code AS parent, v.area_m2, v.not_subdivided,
       v.fully_divided, v.noded, v.edition, lower(v.valid) AS valid_from, upper(v.valid) AS valid_to, a.id,
       CASE WHEN CAST(:shapes AS boolean) THEN ST_AsBinary(v.geom) END AS wkb
FROM area_version AS v
JOIN area AS a ON a.id = v.area_id
LEFT JOIN area_version AS p ON p.area_id = v.parent_id AND p.valid @> CAST(:at AS timestamptz)
WHERE v.valid @> CAST(:at AS timestamptz)
  AND v.code > :after
  AND (CAST(:code AS text) IS NULL OR v.code = :code)
  AND (CAST(:level AS text) IS NULL OR a.level = :level)
  AND (CAST(:kind AS text) IS NULL OR v.kind = :kind)
  AND (CAST(:parent AS text) IS NULL OR p.code = :parent)
  AND (CAST(:within AS text) IS NULL OR a.id IN (SELECT area_id FROM below))
  AND (CAST(:west AS double precision) IS NULL
       OR ST_Intersects(v.geom, ST_MakeEnvelope(:west, :south, :east, :north, 4490)))
ORDER BY v.code
LIMIT :limit;
