-- Present facilities whose circles must be made anew: they have none, or none of this kind, or a street near them changed.
-- in: profile (text), whole (boolean: all of them), networked (boolean: there are streets now), edition (bigint: up to
--     which the circles were held), lon_deg, lat_deg (how far streets matter)      index: street_geom_gist
WITH since AS (SELECT coalesce((SELECT published_at FROM edition WHERE id = :edition), '-infinity') AS at)
SELECT f.id
FROM facility AS f
WHERE upper_inf(f.valid) AND (
    :whole
    OR NOT EXISTS (
        SELECT FROM circle AS c WHERE c.facility_id = f.id AND c.profile = :profile AND upper_inf(c.valid)
          AND (c.means = 'radius') <> :networked)
    OR EXISTS (
        SELECT FROM street AS s, since WHERE s.geom && ST_Expand(f.geom, :lon_deg, :lat_deg)
          AND (s.edition > :edition OR NOT upper_inf(s.valid) AND upper(s.valid) > since.at)))
ORDER BY f.id;
