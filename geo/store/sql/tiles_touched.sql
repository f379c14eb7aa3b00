-- Where tiles of areas look otherwise than as of an earlier edition: shapes that came or went, areas that bear another
-- name, and those whose parent bears another code.
-- in: since (edition)      index: tile_shape_first, tile_shape_last, area_version_edition, area_version_parent
WITH renamed AS (
    SELECT v.area_id FROM area_version AS v WHERE v.edition > :since
    UNION
    SELECT c.area_id FROM area_version AS v JOIN area_version AS c ON c.parent_id = v.area_id
    WHERE v.edition > :since AND upper_inf(c.valid)
), shown AS (
    SELECT layer, zoom, box FROM tile_shape WHERE first_edition > :since
    UNION ALL
    SELECT layer, zoom, box FROM tile_shape WHERE last_edition >= :since
    UNION ALL
    SELECT t.layer, t.zoom, t.box FROM renamed AS r
    JOIN tile_shape AS t ON t.area_id = r.area_id AND t.last_edition IS NULL
)
SELECT DISTINCT layer, zoom, ST_XMin(box) AS west, ST_YMin(box) AS north, ST_XMax(box) AS east, ST_YMax(box) AS south
FROM shown;
