-- Undo accounts, sessions, tokens and the audit trail; all of them are lost.
DROP TABLE trail, trail_head, access_now, token, session, account_grant, account;
DROP FUNCTION trail_add, keep_trail, note_access;
