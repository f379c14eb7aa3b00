-- Rows of coverage_lock that a plan needs besides those of its areas and their parents; never fewer than the trigger
-- takes (0003_plans.sql: keep_coverage, locks_without_parent), so that all of them can be taken in their order.
-- in: levels, kinds (text[]), noded (boolean[]), parents (bigint[], 0 for none),
--     wests, souths, easts, norths (double precision[]): a row for every area and state, before and after
-- index: area_version_geom_gist, accepted_finding_geom_gist, area_version_parent
WITH touched AS (
    SELECT t.*, ST_MakeEnvelope(t.west, t.south, t.east, t.north, 4490) AS box
    FROM unnest(CAST(:levels AS text[]), CAST(:kinds AS text[]), CAST(:noded AS boolean[]), CAST(:parents AS bigint[]),
                CAST(:wests AS double precision[]), CAST(:souths AS double precision[]),
                CAST(:easts AS double precision[]), CAST(:norths AS double precision[]))
        AS t (level, kind, noded, parent, west, south, east, north)
), loose AS (
    SELECT t.* FROM touched AS t
    WHERE t.kind = 'general' AND (
        NOT EXISTS (SELECT FROM area_version AS p WHERE p.area_id = t.parent AND upper_inf(p.valid) AND p.geom IS NOT NULL)
        OR EXISTS (SELECT FROM accepted_finding AS f WHERE f.geom && t.box AND gridwarden.in_force(f)
                   AND f.kind IN ('overlap', 'duplicate', 'unmatched_edge', 'outside_parent'))
        OR EXISTS (SELECT FROM area_version AS s JOIN area AS b ON b.id = s.area_id
                   WHERE s.parent_id = t.parent AND upper_inf(s.valid) AND s.kind = 'general' AND b.level <> t.level))
)
SELECT gridwarden.special_locks(box) AS id FROM touched WHERE kind = 'special'
UNION
SELECT 0 FROM loose
UNION
SELECT parent FROM touched WHERE parent > 0 AND level IN (SELECT level FROM loose)
UNION
SELECT w.area_id FROM loose AS l
JOIN area_version AS w ON w.geom && l.box AND upper_inf(w.valid) AND w.kind = 'general'
JOIN area AS b ON b.id = w.area_id AND b.level <> l.level
WHERE NOT l.noded OR EXISTS (
    SELECT FROM area_version AS s JOIN area AS c ON c.id = s.area_id
    WHERE s.parent_id = w.area_id AND upper_inf(s.valid) AND c.level = l.level);
