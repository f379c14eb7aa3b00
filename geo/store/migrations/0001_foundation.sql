-- The foundation: areas and their versions, teams, residences, facilities, overlays, editions, accepted findings.
-- Nothing is overwritten: a change closes a validity range and opens another. The app's role owns nothing.

CREATE TABLE edition (
    id           bigint PRIMARY KEY CHECK (id > 0),
    published_at timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('boundaries', 'teams', 'residences', 'facilities', 'overlays')),
    title        text NOT NULL,
    actor        text NOT NULL,
    approval     text NOT NULL,
    reason       text,
    inputs       jsonb NOT NULL DEFAULT '[]',
    report       jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE edition IS 'One row a publication, of boundaries, teams, residences, facilities and overlays alike.';

CREATE TABLE edition_now (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    edition  bigint NOT NULL
);
COMMENT ON TABLE edition_now IS 'The present edition: one row, raised last in each publication.';
INSERT INTO edition_now (edition) VALUES (0);

CREATE TABLE area (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    level text NOT NULL
);
COMMENT ON TABLE area IS 'The identity of an area: id and level never change.';

CREATE TABLE area_version (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id        bigint NOT NULL REFERENCES area,
    code           text NOT NULL CHECK (code <> ''),
    local_code     text,
    name           text NOT NULL,
    kind           text NOT NULL DEFAULT 'general' CHECK (kind IN ('general', 'special')),
    category       text,
    parent_id      bigint REFERENCES area,
    geom           geometry(MultiPolygon, 4490),
    area_m2        double precision,
    not_subdivided boolean NOT NULL DEFAULT false,
    fully_divided  boolean NOT NULL DEFAULT false,
    noded          boolean NOT NULL DEFAULT false,
    source_digest  bytea,
    edition        bigint NOT NULL REFERENCES edition,
    valid          tstzrange NOT NULL CHECK (lower_inc(valid) AND NOT lower_inf(valid) AND NOT upper_inc(valid)),
    CONSTRAINT area_version_one_at_a_time EXCLUDE USING gist (area_id WITH =, valid WITH &&)
);
COMMENT ON COLUMN area_version.geom IS 'CGCS2000 degrees on the lattice of 1e-7; null where the boundary is unknown.';
COMMENT ON COLUMN area_version.noded IS 'The version only received a node on a shared border: no lineage, not redrawn.';
COMMENT ON COLUMN area_version.source_digest IS
    'SHA-256 of the boundary and settings it was imported from: an unchanged row of the next file is recognised by it.';
CREATE INDEX area_version_geom_gist ON area_version USING gist (geom);
CREATE UNIQUE INDEX area_version_code_now ON area_version (code) WHERE upper_inf(valid);
CREATE INDEX area_version_code ON area_version (code);
CREATE INDEX area_version_local_code ON area_version (local_code);
CREATE INDEX area_version_parent ON area_version (parent_id);
CREATE INDEX area_level ON area (level, id);

CREATE TABLE person (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name   text,
    phone  text,
    erased boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE person IS 'Names and telephone numbers, here and nowhere else, so that they can be erased.';

CREATE TABLE team (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id bigint NOT NULL REFERENCES area,
    name    text NOT NULL,
    edition bigint NOT NULL REFERENCES edition,
    valid   tstzrange NOT NULL,
    CONSTRAINT team_one_at_a_time EXCLUDE USING gist (area_id WITH =, valid WITH &&)
);
COMMENT ON TABLE team IS 'One version of the team of an area; a changed membership is a new version.';

CREATE TABLE team_member (
    team_id   bigint NOT NULL REFERENCES team,
    place     smallint NOT NULL,
    person_id bigint NOT NULL REFERENCES person,
    role      text NOT NULL CHECK (role IN ('grid_worker', 'community_worker', 'police_officer', 'other')),
    role_text text,
    PRIMARY KEY (team_id, place)
);
CREATE INDEX team_member_person ON team_member (person_id);

CREATE TABLE residence (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address    text NOT NULL,
    estate     text,
    building   text,
    unit       text,
    households integer NOT NULL CHECK (households >= 0),
    residents  integer CHECK (residents >= 0),
    leader_id  bigint REFERENCES person,
    area_id    bigint REFERENCES area,
    geom       geometry(Point, 4490),
    edition    bigint NOT NULL REFERENCES edition,
    valid      tstzrange NOT NULL
);
COMMENT ON COLUMN residence.area_id IS 'The grid that the ledger names, if it names one; geom decides where both are given.';
CREATE INDEX residence_geom_gist ON residence USING gist (geom);
CREATE INDEX residence_area ON residence (area_id);

CREATE TABLE facility (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code     text,
    category text NOT NULL,
    name     text NOT NULL,
    address  text,
    geom     geometry(Point, 4490) NOT NULL,
    edition  bigint NOT NULL REFERENCES edition,
    valid    tstzrange NOT NULL
);
CREATE INDEX facility_geom_gist ON facility USING gist (geom);

CREATE TABLE overlay (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer   text NOT NULL,
    code    text,
    name    text NOT NULL,
    geom    geometry(MultiPolygon, 4490) NOT NULL,
    edition bigint NOT NULL REFERENCES edition,
    valid   tstzrange NOT NULL
);
COMMENT ON TABLE overlay IS 'Named polygons outside coverage: estates, departmental grids, patches.';
CREATE INDEX overlay_geom_gist ON overlay USING gist (geom);

CREATE TABLE accepted_finding (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    finding_id  text NOT NULL,
    kind        text NOT NULL,
    codes       text[] NOT NULL,
    geom        geometry(Geometry, 4490),
    area_m2     double precision NOT NULL,
    baseline    text,
    reason      text NOT NULL,
    accepted_by text NOT NULL,
    accepted_at timestamptz NOT NULL,
    until       date,
    edition     bigint NOT NULL REFERENCES edition
);
COMMENT ON TABLE accepted_finding IS 'Exceptions: findings that someone accepted by name, with a reason and an end date.';

GRANT USAGE ON SCHEMA gridwarden TO gridwarden_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA gridwarden TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;
GRANT UPDATE (edition) ON edition_now TO gridwarden_app;
GRANT UPDATE (valid) ON area_version, team, residence, facility, overlay TO gridwarden_app;
GRANT UPDATE (name, phone, erased), DELETE ON person TO gridwarden_app;
REVOKE INSERT ON edition_now, alembic_version FROM gridwarden_app;
