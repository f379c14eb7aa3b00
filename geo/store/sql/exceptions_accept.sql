-- Write down one accepted finding; the areas of its codes are those that bear them now.
-- in: id, kind, reason, actor, via, baseline (text), codes (text[]), geom (EWKB in hex or null), area_m2,
--     at (timestamptz), until (date or null), edition      index: area_version_code_now
INSERT INTO accepted_finding
    (finding_id, kind, codes, geom, area_m2, baseline, reason, accepted_by, accepted_at, accepted_via, until, edition,
     area_ids)
VALUES
    (:id, :kind, :codes, CAST(:geom AS geometry), :area_m2, :baseline, :reason, :actor, :at, :via, :until, :edition,
     ARRAY(SELECT v.area_id FROM area_version AS v
           WHERE v.code = ANY (CAST(:codes AS text[])) AND upper_inf(v.valid) ORDER BY v.area_id));
