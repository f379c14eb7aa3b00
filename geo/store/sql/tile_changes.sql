-- The areas that an edition opened or ended: level and kind, and the box of each version in degrees.
-- in: edition      index: area_version_edition, area_version_ended
SELECT v.area_id, a.level, v.kind, ST_XMin(v.geom) AS west, ST_YMin(v.geom) AS south, ST_XMax(v.geom) AS east,
       ST_YMax(v.geom) AS north
FROM (
    SELECT area_id, kind, geom FROM area_version WHERE edition = :edition
    UNION ALL
    SELECT area_id, kind, geom FROM area_version
    WHERE NOT upper_inf(valid) AND upper(valid) = (SELECT published_at FROM edition WHERE id = :edition)
) AS v JOIN area AS a ON a.id = v.area_id;
