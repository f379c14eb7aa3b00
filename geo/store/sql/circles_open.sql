-- Open versions of circles, an element of each array a row.
-- in: facilities, tiers, limits, means, reasons, snapped, areas, shapes (WKB), profile, edition, at      index: -
INSERT INTO circle (facility_id, profile, tier, limit_m, means, reason, snapped_m, area_m2, geom, edition, valid)
SELECT n.facility_id, :profile, n.tier, n.limit_m, n.means, n.reason, n.snapped_m, n.area_m2, ST_GeomFromWKB(n.wkb, 4490),
       :edition, tstzrange(:at, NULL)
FROM unnest(CAST(:facilities AS bigint[]), CAST(:tiers AS text[]), CAST(:limits AS double precision[]),
            CAST(:means AS text[]), CAST(:reasons AS text[]), CAST(:snapped AS double precision[]),
            CAST(:areas AS double precision[]), CAST(:shapes AS bytea[]))
     AS n (facility_id, tier, limit_m, means, reason, snapped_m, area_m2, wkb);
