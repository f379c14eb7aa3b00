-- Accounts, what they may do where, sessions, tokens of programs, and the audit trail.

CREATE TABLE account (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CHECK (name <> '' AND name = btrim(name)),
    password    text,
    issuer      text,
    subject     text,
    failures    timestamptz[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    disabled_at timestamptz,
    CHECK (num_nulls(issuer, subject) IN (0, 2))
);
COMMENT ON TABLE account IS 'Who may sign in; none is ever deleted, because what they did names them.';
COMMENT ON COLUMN account.password IS 'Argon2 hash; null for accounts that another provider (issuer, subject) signs in.';
COMMENT ON COLUMN account.failures IS 'Moments of wrong passwords since the last right one.';
CREATE UNIQUE INDEX account_name ON account (lower(name));
CREATE UNIQUE INDEX account_subject ON account (issuer, subject);

CREATE TABLE account_grant (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    role       text NOT NULL,
    area_id    bigint REFERENCES area
);
COMMENT ON TABLE account_grant IS 'Roles within an area and all below it; everywhere where there is no area.';
CREATE UNIQUE INDEX account_grant_once ON account_grant (account_id, role, coalesce(area_id, 0));

CREATE TABLE session (
    digest     bytea PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    opened_at  timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE session IS 'Who is signed in: the SHA-256 of what the cookie holds.';
CREATE INDEX session_account ON session (account_id);

CREATE TABLE token (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (name <> '' AND name = btrim(name)),
    digest     bytea NOT NULL,
    scopes     text[] NOT NULL CHECK (cardinality(scopes) > 0),
    area_ids   bigint[],
    per_minute integer CHECK (per_minute > 0),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);
COMMENT ON TABLE token IS 'What programs show to be let in: the SHA-256 of it, scopes, areas, limits.';
CREATE UNIQUE INDEX token_digest ON token (digest);
CREATE UNIQUE INDEX token_name ON token (lower(name)) WHERE revoked_at IS NULL;

-- Services hold all of this in memory: every change raises the number and is told on a channel.

CREATE TABLE access_now (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);
INSERT INTO access_now (version) VALUES (1);

CREATE FUNCTION note_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    UPDATE access_now SET version = version + 1;
    PERFORM pg_notify('gridwarden_access', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER note_access AFTER INSERT OR DELETE OR UPDATE OF password, disabled_at, issuer, subject ON account
    FOR EACH STATEMENT EXECUTE FUNCTION note_access();
CREATE TRIGGER note_access AFTER INSERT OR DELETE OR UPDATE ON account_grant
    FOR EACH STATEMENT EXECUTE FUNCTION note_access();
CREATE TRIGGER note_access AFTER INSERT OR DELETE ON session
    FOR EACH STATEMENT EXECUTE FUNCTION note_access();
CREATE TRIGGER note_access AFTER INSERT OR DELETE OR UPDATE ON token
    FOR EACH STATEMENT EXECUTE FUNCTION note_access();

-- The audit trail. Each record holds the digest of the one before; geo/trail.py knows the same rule and verifies it.

CREATE TABLE trail (
    number   bigint PRIMARY KEY CHECK (number > 0),
    at       timestamptz NOT NULL,
    actor    text NOT NULL,
    via      text NOT NULL CHECK (via IN ('command', 'http', 'job')),
    address  text NOT NULL,
    action   text NOT NULL,
    subject  text NOT NULL,
    details  text NOT NULL,
    previous bytea NOT NULL,
    digest   bytea NOT NULL
);
COMMENT ON TABLE trail IS 'The audit trail: who did what, when and from where; records are added by trail_add alone.';
CREATE INDEX trail_at ON trail (at);
CREATE INDEX trail_actor ON trail (actor, number);

CREATE TABLE trail_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    number   bigint NOT NULL,
    digest   bytea NOT NULL
);
INSERT INTO trail_head (number, digest) VALUES (0, decode(repeat('00', 32), 'hex'));
COMMENT ON TABLE trail_head IS 'The last record of the trail: updated, it is the lock of those who add one.';

CREATE FUNCTION trail_add(who text, door text, whence text, what text, about text, more text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = gridwarden, public, pg_temp AS $$
DECLARE
    head trail_head;
    moment timestamptz;
    field text;
    content bytea;
BEGIN
    SELECT * INTO STRICT head FROM trail_head FOR UPDATE;
    moment := clock_timestamp();
    content := head.digest;
    FOREACH field IN ARRAY ARRAY[(head.number + 1)::text, round(extract(epoch FROM moment) * 1000000)::bigint::text,
        who, door, whence, what, about, more] LOOP
        content := content || convert_to(octet_length(convert_to(field, 'UTF8')) || ':' || field, 'UTF8');
    END LOOP;
    INSERT INTO trail (number, at, actor, via, address, action, subject, details, previous, digest)
    VALUES (head.number + 1, moment, who, door, whence, what, about, more, head.digest, sha256(content));
    UPDATE trail_head SET number = head.number + 1, digest = sha256(content);
    RETURN head.number + 1;
END
$$;

CREATE FUNCTION keep_trail() RETURNS trigger LANGUAGE plpgsql SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is not rewritten' USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER keep_trail BEFORE DELETE OR UPDATE OR TRUNCATE ON trail
    FOR EACH STATEMENT EXECUTE FUNCTION keep_trail();

GRANT SELECT, INSERT ON account, token TO gridwarden_app;
GRANT UPDATE (password, issuer, subject, failures, disabled_at) ON account TO gridwarden_app;
GRANT UPDATE (revoked_at) ON token TO gridwarden_app;
GRANT SELECT, INSERT, DELETE ON account_grant, session TO gridwarden_app;
GRANT UPDATE (seen_at) ON session TO gridwarden_app;
GRANT SELECT ON access_now, trail, trail_head TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;
