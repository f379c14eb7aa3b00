-- Areas that were changed since some of their versions, mere new nodes aside, with the publication that did it first.
-- in: areas, versions (bigint[]: ids of areas, and of the version of each)
-- index: area_version_area, area_version's key, edition_published_at, plan_edition
SELECT s.code, e.id AS edition, e.title, (SELECT min(p.id) FROM plan AS p WHERE p.edition = e.id) AS plan,
       ST_X(place.geom) AS lon, ST_Y(place.geom) AS lat
FROM unnest(CAST(:areas AS bigint[]), CAST(:versions AS bigint[])) AS seen (area_id, version_id)
JOIN area_version AS s ON s.id = seen.version_id
LEFT JOIN LATERAL (
    SELECT v.edition, v.geom FROM area_version AS v
    WHERE v.area_id = seen.area_id AND v.id > seen.version_id AND NOT v.noded
    ORDER BY v.id LIMIT 1
) AS later ON true
LEFT JOIN LATERAL (
    SELECT max(upper(v.valid)) AS moment FROM area_version AS v
    WHERE v.area_id = seen.area_id HAVING NOT bool_or(upper_inf(v.valid))
) AS ended ON later.edition IS NULL
JOIN edition AS e ON e.id = later.edition OR (later.edition IS NULL AND e.published_at = ended.moment)
CROSS JOIN LATERAL (
    SELECT CASE WHEN later.geom IS NULL OR later.geom = s.geom THEN s.geom ELSE ST_SymDifference(s.geom, later.geom) END
) AS differs (geom)
CROSS JOIN LATERAL (
    SELECT ST_PointOnSurface(CASE WHEN ST_IsEmpty(differs.geom) THEN s.geom ELSE differs.geom END)
) AS place (geom)
ORDER BY e.id, s.code;
