-- Undo 0005_gazetteer.
SELECT 1;
