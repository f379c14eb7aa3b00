-- One tile of facilities as of a moment.
-- in: at (timestamptz), z, x, y, extent, buffer (units)      index: facility_geom_gist
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS frame,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.04), 4326) AS box
), shown AS (
    SELECT f.id, f.code, f.name, f.category,
           ST_AsMVTGeom(ST_Transform(ST_SetSRID(f.geom, 4326), 3857), tile.frame, :extent, :buffer, true) AS geom
    FROM tile JOIN facility AS f ON f.geom && ST_SetSRID(tile.box, 4490)
    WHERE f.valid @> CAST(:at AS timestamptz)
    ORDER BY f.id
)
SELECT ST_AsMVT(shown, 'facilities', :extent, 'geom', 'id') FROM shown WHERE geom IS NOT NULL;
