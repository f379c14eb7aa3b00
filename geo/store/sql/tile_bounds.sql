-- The box around all areas as of a moment: those without a parent hold the others.
-- in: at (timestamptz)      index: area_version_parent
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT ST_Extent(geom) AS box FROM area_version
      WHERE parent_id IS NULL AND geom IS NOT NULL AND valid @> CAST(:at AS timestamptz)) AS whole;
