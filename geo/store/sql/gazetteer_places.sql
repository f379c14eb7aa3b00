-- What bears some names now or bore them at a moment: areas, residences, estates, facilities.
-- in: stems (bigint[]), digits (text[]: numbers that a name may have), lows and highs (text[]: ranges of further ones),
--     at (timestamptz), most (names a stem and range, things a name)
-- index: place_name_stem, area_version_name, residence_address, residence_estate, residence_parts, facility_name,
--        overlay_name, place_alias_alias
WITH named AS MATERIALIZED (
    -- the tables where names are borne are in the collation of the database
    SELECT s.id AS stem_id, n.name COLLATE "default" AS name
    FROM unnest(CAST(:stems AS bigint[])) AS s (id)
    CROSS JOIN LATERAL (
        (SELECT e.name FROM place_name AS e
         WHERE e.stem_id = s.id AND e.digits = ANY (CAST(:digits AS text[])) LIMIT :most)
        UNION
        SELECT e.name FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) AS span (low, high)
        CROSS JOIN LATERAL (
            SELECT f.name FROM place_name AS f
            WHERE f.stem_id = s.id AND f.digits > span.low AND f.digits < span.high LIMIT :most
        ) AS e
    ) AS n
), said AS (
    SELECT stem_id, name, CAST(NULL AS text) AS alias FROM named
    UNION ALL
    SELECT named.stem_id, x.name, named.name
    FROM named JOIN place_alias AS x ON x.alias = named.name
    WHERE x.name IS NOT NULL AND x.valid @> CAST(:at AS timestamptz)
)
SELECT said.stem_id, p.kind, p.id, said.name, p.code, p.level, p.lon, p.lat, p.area_id, said.alias
FROM said CROSS JOIN LATERAL (
    (SELECT 'area' AS kind, v.area_id AS id, v.code, a.level, CAST(NULL AS float8) AS lon, CAST(NULL AS float8) AS lat,
            v.area_id
     FROM area_version AS v JOIN area AS a ON a.id = v.area_id
     WHERE v.name = said.name AND length(v.name) <= 200 AND v.valid @> CAST(:at AS timestamptz) LIMIT :most)
    UNION ALL
    (SELECT 'residence', r.id, NULL, NULL, ST_X(r.geom), ST_Y(r.geom), r.area_id FROM residence AS r
     WHERE r.address = said.name AND r.valid @> CAST(:at AS timestamptz) LIMIT :most)
    UNION ALL
    (SELECT 'residence', r.id, NULL, NULL, ST_X(r.geom), ST_Y(r.geom), r.area_id FROM residence AS r
     WHERE r.estate || '-' || r.building || coalesce('-' || r.unit, '') = said.name
       AND r.valid @> CAST(:at AS timestamptz) LIMIT :most)
    UNION ALL
    -- a ledger tells an estate only by who lives there: one row for each grid that it names
    (SELECT 'estate', - min(r.id), NULL, NULL, ST_X((array_agg(r.geom))[1]), ST_Y((array_agg(r.geom))[1]), r.area_id
     FROM residence AS r
     WHERE r.estate = said.name AND r.valid @> CAST(:at AS timestamptz)
     GROUP BY r.area_id, CASE WHEN r.area_id IS NULL THEN r.id END LIMIT :most)
    UNION ALL
    (SELECT 'estate', o.id, o.code, NULL, NULL, NULL, NULL FROM overlay AS o
     WHERE o.name = said.name AND o.valid @> CAST(:at AS timestamptz) LIMIT :most)
    UNION ALL
    (SELECT 'facility', f.id, f.code, NULL, ST_X(f.geom), ST_Y(f.geom), NULL FROM facility AS f
     WHERE f.name = said.name AND f.valid @> CAST(:at AS timestamptz) LIMIT :most)
) AS p
UNION ALL
SELECT named.stem_id, 'area', v.area_id, v.name, v.code, a.level, NULL, NULL, v.area_id, named.name
FROM named
JOIN place_alias AS x ON x.alias = named.name AND x.valid @> CAST(:at AS timestamptz)
JOIN area_version AS v ON v.code = x.code AND v.valid @> CAST(:at AS timestamptz)
JOIN area AS a ON a.id = v.area_id;
