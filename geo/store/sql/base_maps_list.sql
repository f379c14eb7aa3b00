-- The base maps that the operator gave, by name.
-- index: base_map's key
SELECT name, title, kind, place, source, approval, key, min_zoom, max_zoom, bounds FROM base_map ORDER BY name;
