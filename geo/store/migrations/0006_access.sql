-- Accounts, tokens and the audit trail.
SELECT 1;
