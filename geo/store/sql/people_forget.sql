-- Erase the names and numbers of people whose last team ended before a moment; their roles stay.
-- in: before (timestamptz)      index: team_member_person
UPDATE person AS p SET name = NULL, phone = NULL, erased = true
WHERE NOT p.erased
  AND EXISTS (SELECT FROM team_member AS m WHERE m.person_id = p.id)
  AND NOT EXISTS (
    SELECT FROM team_member AS m JOIN team AS t ON t.id = m.team_id
    WHERE m.person_id = p.id AND (upper_inf(t.valid) OR upper(t.valid) >= :before)
  );
