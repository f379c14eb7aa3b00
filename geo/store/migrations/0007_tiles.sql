-- Simplified boundaries for tiles, and base maps.
SELECT 1;
