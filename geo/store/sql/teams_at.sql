-- The teams of some areas as of a moment, with their members.
-- in: at (timestamptz), ids (bigint[] or null: all), after (bigint: area id), limit (bigint or null)   index: team_one_at_a_time
SELECT t.area_id, t.name,
       coalesce(json_agg(json_build_object('name', p.name, 'role', m.role, 'role_text', m.role_text, 'phone', p.phone)
                         ORDER BY m.place) FILTER (WHERE m.place IS NOT NULL), '[]') AS members
FROM team AS t
LEFT JOIN team_member AS m ON m.team_id = t.id
LEFT JOIN person AS p ON p.id = m.person_id
WHERE t.valid @> CAST(:at AS timestamptz)
  AND (CAST(:ids AS bigint[]) IS NULL OR t.area_id = ANY (CAST(:ids AS bigint[])))
  AND t.area_id > :after
GROUP BY t.area_id, t.name
ORDER BY t.area_id
LIMIT :limit;
