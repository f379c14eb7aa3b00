-- Write a base map down, unless another bears its name: then no row comes back.
-- in: name, title, kind, place, source, approval, key, min_zoom, max_zoom, bounds (double precision[] or null)
-- index: base_map's key
INSERT INTO base_map (name, title, kind, place, source, approval, key, min_zoom, max_zoom, bounds)
VALUES (:name, :title, :kind, :place, :source, :approval, :key, :min_zoom, :max_zoom, CAST(:bounds AS double precision[]))
ON CONFLICT DO NOTHING RETURNING name;
