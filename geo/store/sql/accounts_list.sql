-- Accounts by name, a row for each role that one holds, with the code that the role's area bears now.
-- in: name (text or null: all)      index: account_name, account_grant_once, area_version_area
SELECT a.id, a.name, a.issuer, a.subject, a.created_at, a.disabled_at, g.role, g.area_id, v.code
FROM account AS a
LEFT JOIN account_grant AS g ON g.account_id = a.id
LEFT JOIN area_version AS v ON v.area_id = g.area_id AND upper_inf(v.valid)
WHERE CAST(:name AS text) IS NULL OR lower(a.name) = lower(CAST(:name AS text))
ORDER BY lower(a.name), g.id;
