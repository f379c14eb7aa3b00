-- End the present circles of some facilities, and those of facilities that are there no longer.
-- in: profile (text), facilities (bigint[]), at (timestamptz)      index: circle_one_at_a_time
UPDATE circle AS c SET valid = tstzrange(lower(c.valid), :at)
WHERE c.profile = :profile AND upper_inf(c.valid)
  AND (c.facility_id = ANY (CAST(:facilities AS bigint[]))
       OR NOT EXISTS (SELECT FROM facility AS f WHERE f.id = c.facility_id AND upper_inf(f.valid)));
