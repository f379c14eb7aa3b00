-- One tile of accepted findings that are in force: as of a moment, on a day of the site.
-- in: at (timestamptz), today (date), z, x, y, extent, buffer (units)      index: accepted_finding_geom_gist
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS frame,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.04), 4326) AS box
), shown AS (
    SELECT f.id, f.kind, array_to_string(f.codes, ' ') AS codes, f.reason, f.until::text AS until,
           ST_AsMVTGeom(ST_Transform(ST_SetSRID(f.geom, 4326), 3857), tile.frame, :extent, :buffer, true) AS geom
    FROM tile JOIN accepted_finding AS f ON f.geom && ST_SetSRID(tile.box, 4490)
    WHERE f.accepted_at <= CAST(:at AS timestamptz)
      AND (f.revoked_at IS NULL OR f.revoked_at > CAST(:at AS timestamptz))
      AND (f.until IS NULL OR f.until >= CAST(:today AS date))
    ORDER BY f.id
)
SELECT ST_AsMVT(shown, 'findings', :extent, 'geom', 'id') FROM shown WHERE geom IS NOT NULL;
