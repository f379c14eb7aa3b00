-- Undo shapes for tiles, which can be made again, and the list of base maps, which is lost.
DROP TABLE tile_shape, tile_state, base_map;
