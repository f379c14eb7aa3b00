-- Give the versions that a transaction opened without an edition theirs; those of other transactions are out of sight.
-- in: edition, at (timestamptz)      index: area_version_edition
UPDATE area_version SET edition = :edition, valid = tstzrange(:at, NULL)
WHERE edition = 0;
