-- Ids of the areas around operations as of a moment: near their boxes, their families, and everything above.
-- in: at (timestamptz), codes (text[]: areas that are named), shaped (text[]: those of them whose boundary may change),
--     deep (text[]: those whose descendants are concerned), ids (bigint[]: further areas whose boundary may change),
--     wests, souths, easts, norths (double precision[]: boxes of what is drawn, degrees EPSG:4490), margin (degrees),
--     levels (text[]: of areas that are to be created), uppers (text[]: of their possible parents)
-- index: area_version_code, area_version_geom_gist, area_version_parent, area_version_area
-- LIMIT 1 says what the constraint promises, one version at a moment: without it the planner, which takes recursion for
-- large, reads all versions of all areas. OFFSET 0 keeps the moment out of the choice of an index: a plan that is made for
-- any moment takes few versions for valid, and reads the index of all that are.
WITH RECURSIVE named AS (
    SELECT v.area_id, v.parent_id, v.geom, a.level, v.code = ANY (CAST(:shaped AS text[])) OR v.area_id = ANY (:ids) AS shaped,
           v.code = ANY (CAST(:deep AS text[])) AS deep
    FROM area_version AS v JOIN area AS a ON a.id = v.area_id
    WHERE (v.code = ANY (CAST(:codes AS text[])) OR v.area_id = ANY (CAST(:ids AS bigint[])))
      AND v.valid @> CAST(:at AS timestamptz)
), box AS (
    SELECT ST_MakeEnvelope(w, s, e, n, 4490) AS geom
    FROM unnest(CAST(:wests AS double precision[]), CAST(:souths AS double precision[]),
                CAST(:easts AS double precision[]), CAST(:norths AS double precision[])) AS drawn (w, s, e, n)
    UNION ALL
    SELECT ST_Expand(geom, :margin) FROM named WHERE shaped AND geom IS NOT NULL
), near AS (
    SELECT DISTINCT v.area_id, v.parent_id, a.level
    FROM box AS b CROSS JOIN LATERAL (
        SELECT o.area_id, o.parent_id, o.valid FROM area_version AS o WHERE o.geom && b.geom OFFSET 0
    ) AS v JOIN area AS a ON a.id = v.area_id
    WHERE v.valid @> CAST(:at AS timestamptz)
), parent AS (
    SELECT area_id AS id FROM named
    UNION
    SELECT parent_id FROM named
    UNION
    SELECT parent_id FROM near
    WHERE level = ANY (CAST(:levels AS text[])) OR level IN (SELECT level FROM named WHERE shaped)
    UNION
    SELECT area_id FROM near WHERE level = ANY (CAST(:uppers AS text[]))
), below AS (
    SELECT area_id FROM named WHERE deep
    UNION
    SELECT v.area_id FROM below AS b CROSS JOIN LATERAL (
        SELECT o.area_id, o.valid FROM area_version AS o WHERE o.parent_id = b.area_id OFFSET 0
    ) AS v
    WHERE v.valid @> CAST(:at AS timestamptz)
), kin AS (
    SELECT area_id FROM named
    UNION
    SELECT area_id FROM near
    UNION
    SELECT area_id FROM below
    UNION
    SELECT v.area_id FROM parent AS p CROSS JOIN LATERAL (
        SELECT o.area_id, o.valid FROM area_version AS o WHERE o.parent_id = p.id OFFSET 0
    ) AS v
    WHERE v.valid @> CAST(:at AS timestamptz)
), every AS (
    SELECT area_id AS id FROM kin
    UNION
    SELECT v.parent_id FROM every AS e CROSS JOIN LATERAL (
        SELECT o.parent_id FROM area_version AS o WHERE o.area_id = e.id AND o.valid @> CAST(:at AS timestamptz) LIMIT 1
    ) AS v
    WHERE v.parent_id IS NOT NULL
)
SELECT v.area_id, v.version, v.parent_id, v.kind FROM every AS e CROSS JOIN LATERAL (
    SELECT o.area_id, o.id AS version, o.parent_id, o.kind FROM area_version AS o
    WHERE o.area_id = e.id AND o.valid @> CAST(:at AS timestamptz)
    LIMIT 1
) AS v;
