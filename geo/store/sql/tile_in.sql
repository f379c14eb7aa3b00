-- What one tile shows of a layer as of an edition: shapes that meet it, with the areas' names as of its moment.
-- in: layer, zoom, west, north, east, south (tiles of zoom 16), edition, at (timestamptz)
-- index: tile_shape_box, area_version_area
SELECT t.area_id, v.code, v.local_code, v.name, a.level, v.kind, v.category, p.code AS parent, t.label_x, t.label_y, t.rings
FROM tile_shape AS t
JOIN area_version AS v ON v.area_id = t.area_id AND v.valid @> CAST(:at AS timestamptz)
JOIN area AS a ON a.id = t.area_id
LEFT JOIN area_version AS p ON p.area_id = v.parent_id AND p.valid @> CAST(:at AS timestamptz)
WHERE t.layer = :layer AND t.zoom = CAST(:zoom AS smallint)
  AND t.box && ST_MakeEnvelope(:west, :north, :east, :south)
  AND t.first_edition <= :edition AND (t.last_edition IS NULL OR t.last_edition >= :edition)
ORDER BY t.area_id;
