-- Undo 0007_tiles.
SELECT 1;
