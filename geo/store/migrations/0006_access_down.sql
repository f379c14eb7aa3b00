-- Undo 0006_access.
SELECT 1;
