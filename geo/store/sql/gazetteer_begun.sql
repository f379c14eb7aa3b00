-- Names that begin with what was typed so far, and, where they are few, names that hold it.
-- in: head (text), behind (text: the least text that no longer begins so), key (integer: of its first two signs inside),
--     most      index: place_stem_text_key, place_key_key
(
    SELECT s.id, s.text FROM place_stem AS s
    WHERE s.text >= CAST(:head AS text) AND s.text < CAST(:behind AS text)
    ORDER BY s.text LIMIT :most
)
UNION
(
    SELECT s.id, s.text
    FROM (
        SELECT k.stem_id FROM place_key AS k
        WHERE k.key = CAST(:key AS integer) AND k.kind = 2 LIMIT 2000
    ) AS holding JOIN place_stem AS s ON s.id = holding.stem_id
    WHERE strpos(s.text, :head) > 0
    LIMIT :most
);
