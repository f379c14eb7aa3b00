-- One page of teams as of a moment with the areas they look after, by the area's code.
-- in: at (timestamptz), area (text or null: the area's code), after (text: code of the last one seen), limit
-- index: team_one_at_a_time, area_version_one_at_a_time, area_version_code
SELECT v.code, a.level, v.name AS area_name, t.name, t.edition, lower(t.valid) AS valid_from, upper(t.valid) AS valid_to,
       (SELECT coalesce(json_agg(json_build_object('name', p.name, 'role', m.role, 'role_text', m.role_text,
                                                   'phone', p.phone) ORDER BY m.place), '[]')
        FROM team_member AS m JOIN person AS p ON p.id = m.person_id WHERE m.team_id = t.id) AS members
FROM team AS t
JOIN area AS a ON a.id = t.area_id
JOIN area_version AS v ON v.area_id = t.area_id AND v.valid @> CAST(:at AS timestamptz)
WHERE t.valid @> CAST(:at AS timestamptz)
  AND v.code > :after
  AND (CAST(:area AS text) IS NULL OR v.code = :area)
ORDER BY v.code
LIMIT :limit;
