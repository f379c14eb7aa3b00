-- How many grid workers, community workers and police officers the teams of some areas have as of a moment.
-- in: at (timestamptz), ids (bigint[])      index: team_one_at_a_time, team_member's key
SELECT t.area_id,
       count(*) FILTER (WHERE m.role = 'grid_worker') AS grid_workers,
       count(*) FILTER (WHERE m.role = 'community_worker') AS community_workers,
       count(*) FILTER (WHERE m.role = 'police_officer') AS police_officers
FROM team AS t LEFT JOIN team_member AS m ON m.team_id = t.id
WHERE t.valid @> CAST(:at AS timestamptz)
  AND t.area_id = ANY (CAST(:ids AS bigint[]))
GROUP BY t.area_id;
