-- Records of the audit trail by number, a page at a time.
-- in: after (number), limit      index: trail's key
SELECT number, at, actor, via, address, action, subject, details, previous, digest
FROM trail WHERE number > :after ORDER BY number LIMIT :limit;
