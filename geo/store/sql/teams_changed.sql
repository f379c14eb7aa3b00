-- The areas whose team was opened or ended after an edition, or has members whose names were erased at whatever time.
-- in: edition (bigint)      index: none, a city's teams are few
SELECT t.area_id FROM team AS t
WHERE t.edition > :edition
   OR (NOT upper_inf(t.valid) AND upper(t.valid) > (SELECT published_at FROM edition WHERE id = :edition))
UNION
SELECT t.area_id FROM team AS t
JOIN team_member AS m ON m.team_id = t.id
JOIN person AS p ON p.id = m.person_id
WHERE p.erased AND upper_inf(t.valid)
ORDER BY area_id;
