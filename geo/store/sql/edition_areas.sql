-- The areas that an edition created, changed, noded or ended, with the box of the version that it opened or closed.
-- in: edition, at (timestamptz, its moment)      index: area_version_edition, area_version_ended
WITH own AS (
    SELECT v.area_id, v.noded, v.geom, 'opened' AS side FROM area_version AS v WHERE v.edition = :edition
    UNION ALL
    SELECT v.area_id, false, v.geom, 'closed' FROM area_version AS v
    WHERE NOT upper_inf(v.valid) AND upper(v.valid) = CAST(:at AS timestamptz)
), told AS (
    SELECT area_id, bool_or(side = 'opened') AS opened, bool_or(side = 'closed') AS closed, bool_or(noded) AS noded,
           ST_Extent(geom) AS box
    FROM own GROUP BY area_id
)
SELECT area_id, ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north,
       CASE WHEN NOT opened THEN 'ended' WHEN NOT closed THEN 'created' WHEN noded THEN 'noded' ELSE 'changed' END AS role
FROM told ORDER BY area_id;
