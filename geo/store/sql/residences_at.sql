-- Residences as of a moment, with the person who looks after each building.
-- in: at (timestamptz), ids (bigint[] or null: declared grids)      index: residence_area
SELECT r.address, r.households, r.residents, r.estate, r.building, r.unit, r.area_id, ST_X(r.geom) AS lon,
       ST_Y(r.geom) AS lat, r.leader_id, p.name AS leader_name, p.phone AS leader_phone
FROM residence AS r LEFT JOIN person AS p ON p.id = r.leader_id
WHERE r.valid @> CAST(:at AS timestamptz)
  AND (CAST(:ids AS bigint[]) IS NULL OR r.area_id = ANY (CAST(:ids AS bigint[])))
ORDER BY r.address, r.area_id, r.id;
