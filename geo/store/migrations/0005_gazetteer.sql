-- Names and aliases that words are looked up in.
SELECT 1;
