-- Open the one transaction of a restore; the dump follows, then restore_end.sql.
-- Waits for writers, and refuses where one of them published while the backup was being read.
BEGIN;
SET LOCAL lock_timeout = '30s';
SELECT pg_advisory_xact_lock(hashtext('gridwarden.restore'));
DO $$
BEGIN
  IF to_regclass('gridwarden.edition_now') IS NOT NULL THEN
    LOCK TABLE gridwarden.edition_now IN ACCESS EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM gridwarden.edition_now WHERE edition > 0) THEN
      RAISE EXCEPTION 'the database was filled meanwhile';
    END IF;
  END IF;
END
$$;
DROP SCHEMA IF EXISTS gridwarden CASCADE;
