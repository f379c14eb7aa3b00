-- The codes that areas bear now to which roles or tokens are confined.
-- in: nothing      index: area_version_area
SELECT v.area_id, v.code
FROM area_version AS v
WHERE upper_inf(v.valid)
  AND v.area_id IN (SELECT area_id FROM account_grant UNION SELECT unnest(area_ids) FROM token WHERE revoked_at IS NULL);
