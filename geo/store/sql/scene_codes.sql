-- Codes that were ever used: those of all areas that ever were children of some, and of a list those that anyone bore.
-- in: parents (bigint[]), codes (text[])      index: area_version_parent, area_version_code
SELECT code FROM area_version WHERE parent_id = ANY (CAST(:parents AS bigint[]))
UNION
SELECT code FROM area_version WHERE code = ANY (CAST(:codes AS text[]));
