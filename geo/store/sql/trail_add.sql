-- Add a record to the audit trail, chained to the one before; return its number.
-- in: actor, via, address, action, subject, details (all text)      index: trail_head's row
SELECT gridwarden.trail_add(:actor, :via, :address, :action, :subject, :details);
