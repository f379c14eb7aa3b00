-- Undo 0004_circles.
SELECT 1;
