-- One tile of residences as of a moment, each a point; where someone lives, not who.
-- in: at (timestamptz), z, x, y, extent, buffer (units)      index: residence_geom_gist
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS frame,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.04), 4326) AS box
), shown AS (
    SELECT r.id, r.estate, r.building, r.unit, r.households, 1 AS count,
           ST_AsMVTGeom(ST_Transform(ST_SetSRID(r.geom, 4326), 3857), tile.frame, :extent, :buffer, true) AS geom
    FROM tile JOIN residence AS r ON r.geom && ST_SetSRID(tile.box, 4490)
    WHERE r.valid @> CAST(:at AS timestamptz)
    ORDER BY r.id
)
SELECT ST_AsMVT(shown, 'residences', :extent, 'geom', 'id') FROM shown WHERE geom IS NOT NULL;
