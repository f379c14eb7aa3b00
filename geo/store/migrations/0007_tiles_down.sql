-- Undo shapes for tiles; they can be made again.
DROP TABLE tile_shape, tile_state;
