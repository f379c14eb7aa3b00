-- The areas of one layer as of a moment that lie in any of some boxes, or bear any of some ids.
-- in: at (timestamptz), level (text or null: all), kind, ids (bigint[]), wests, souths, easts, norths (double
--     precision[], degrees)      index: area_version_geom_gist, area_version_area
SELECT v.area_id, ST_AsBinary(v.geom) AS wkb
FROM area_version AS v JOIN area AS a ON a.id = v.area_id
WHERE v.valid @> CAST(:at AS timestamptz) AND v.kind = :kind
  AND (CAST(:level AS text) IS NULL OR a.level = :level) AND v.geom IS NOT NULL
  AND v.id IN (
    SELECT n.id FROM unnest(CAST(:wests AS double precision[]), CAST(:souths AS double precision[]),
                            CAST(:easts AS double precision[]), CAST(:norths AS double precision[]))
                AS b (west, south, east, north)
    JOIN area_version AS n ON n.geom && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 4490)
    UNION ALL
    SELECT id FROM area_version WHERE area_id = ANY (CAST(:ids AS bigint[])))
ORDER BY v.area_id;
