-- Names that an edition brought and that are not in the gazetteer yet; whether a residence bears them.
-- in: edition      index: area_version_edition, residence_edition, facility_edition, overlay_edition, place_alias_edition
SELECT said.name, bool_or(said.is_address) AS is_address
FROM (
    SELECT v.name, false AS is_address FROM area_version AS v WHERE v.edition = :edition AND v.name <> v.code
    UNION ALL SELECT r.address, true FROM residence AS r WHERE r.edition = :edition
    UNION ALL SELECT r.estate, true FROM residence AS r WHERE r.edition = :edition
    UNION ALL SELECT r.estate || '-' || r.building || coalesce('-' || r.unit, ''), true
    FROM residence AS r WHERE r.edition = :edition
    UNION ALL SELECT f.name, false FROM facility AS f WHERE f.edition = :edition
    UNION ALL SELECT o.name, false FROM overlay AS o WHERE o.edition = :edition
    UNION ALL SELECT x.alias, false FROM place_alias AS x WHERE x.edition = :edition
) AS said
WHERE length(said.name) BETWEEN 1 AND 200
  AND NOT EXISTS (SELECT FROM place_name AS n WHERE n.name = said.name COLLATE "C")
GROUP BY said.name
ORDER BY said.name COLLATE "C";
