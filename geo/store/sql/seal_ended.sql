-- Give the versions that a transaction ended without a moment theirs; those of other transactions are out of sight.
-- in: at, provisional (timestamptz)      index: area_version_ended
UPDATE area_version SET valid = tstzrange(lower(valid), :at)
WHERE upper(valid) = :provisional AND NOT upper_inf(valid);
