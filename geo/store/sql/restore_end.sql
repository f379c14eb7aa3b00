-- Close the transaction of a restore, if every table holds as many rows as the manifest says.
-- in: expected (JSON object, rows by table; psql variable)
SELECT set_config('gridwarden.expected', :'expected', true);
DO $$
DECLARE
  expected record;
  present bigint;
BEGIN
  FOR expected IN SELECT key, value::bigint FROM json_each_text(current_setting('gridwarden.expected')::json) LOOP
    EXECUTE format('SELECT count(*) FROM gridwarden.%I', expected.key) INTO present;
    IF present <> expected.value THEN
      RAISE EXCEPTION 'table % has % rows instead of %', expected.key, present, expected.value;
    END IF;
  END LOOP;
END
$$;
COMMIT;
