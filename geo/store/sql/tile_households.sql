-- One tile of households as of a moment, summed in squares: a point in the middle of each that anybody lives in.
-- in: at (timestamptz), z, x, y, extent (units), squares (along a tile)      index: residence_geom_gist
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS frame,
           ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.01), 4326) AS box
), placed AS (
    SELECT ST_Transform(ST_SetSRID(r.geom, 4326), 3857) AS place, tile.frame, r.households
    FROM tile JOIN residence AS r ON r.geom && ST_SetSRID(tile.box, 4490)
    WHERE r.valid @> CAST(:at AS timestamptz)
), squared AS (
    -- a residence lies in one square only, whichever tiles meet there
    SELECT floor((ST_X(place) - ST_XMin(frame)) / (ST_XMax(frame) - ST_XMin(frame)) * :squares) AS across,
           floor((ST_YMax(frame) - ST_Y(place)) / (ST_YMax(frame) - ST_YMin(frame)) * :squares) AS down, households
    FROM placed
), shown AS (
    SELECT sum(households)::bigint AS households, count(*) AS count,
           ST_MakePoint((across + 0.5) * :extent / :squares, (down + 0.5) * :extent / :squares) AS geom
    FROM squared
    WHERE across >= 0 AND across < :squares AND down >= 0 AND down < :squares
    GROUP BY across, down ORDER BY down, across
)
SELECT ST_AsMVT(shown, 'residences', :extent, 'geom') FROM shown;
