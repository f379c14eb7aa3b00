-- Open versions of walkable edges, an element of each array a row.
-- in: way_ids, classes, steps, layers, inclines, shapes (WKB), edition, at (timestamptz)      index: -
INSERT INTO street (way_id, class, steps, layer, incline, geom, edition, valid)
SELECT n.way_id, n.class, n.steps, n.layer, n.incline, ST_GeomFromWKB(n.wkb, 4490), :edition, tstzrange(:at, NULL)
FROM unnest(CAST(:way_ids AS bigint[]), CAST(:classes AS text[]), CAST(:steps AS boolean[]), CAST(:layers AS smallint[]),
            CAST(:inclines AS double precision[]), CAST(:shapes AS bytea[]))
     AS n (way_id, class, steps, layer, incline, wkb);
