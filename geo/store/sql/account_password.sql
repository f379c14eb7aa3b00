-- What checking a password needs; whoever checks one for the same account waits.
-- in: name      index: account_name
SELECT id, password, failures, disabled_at, clock_timestamp() AS now
FROM account WHERE lower(name) = lower(:name)
FOR UPDATE;
