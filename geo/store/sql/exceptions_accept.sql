-- Write down one accepted finding.
-- in: id, kind, reason, actor, via, baseline (text), codes (text[]), geom (EWKB in hex or null), area_m2,
--     at (timestamptz), until (date or null), edition      index: none
INSERT INTO accepted_finding
    (finding_id, kind, codes, geom, area_m2, baseline, reason, accepted_by, accepted_at, accepted_via, until, edition)
VALUES
    (:id, :kind, :codes, CAST(:geom AS geometry), :area_m2, :baseline, :reason, :actor, :at, :via, :until, :edition);
