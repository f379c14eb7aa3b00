-- Remember a wrong password: no more of them than the rule looks at.
-- in: id      index: account's key
UPDATE account SET failures = (failures || clock_timestamp())[greatest(1, cardinality(failures) - 8):] WHERE id = :id;
