-- Names that sound as pieces of a text do, or, with kinds 0 and 1, as these do with one slip.
-- in: keys (integer[]), kinds (smallint[])      index: place_key_key
SELECT k.key, s.id, s.text
FROM place_key AS k JOIN place_stem AS s ON s.id = k.stem_id
WHERE k.key = ANY (CAST(:keys AS integer[])) AND k.kind = ANY (CAST(:kinds AS smallint[]))
LIMIT :most;
