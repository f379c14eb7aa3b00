-- Streets that can be walked, the circles around facilities, and up to which edition the circles of a profile hold.

ALTER TABLE edition DROP CONSTRAINT edition_kind_check;
ALTER TABLE edition ADD CONSTRAINT edition_kind_check CHECK (
    kind IN ('boundaries', 'teams', 'residences', 'facilities', 'overlays', 'streets', 'circles'));

CREATE TABLE street (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    way_id  bigint NOT NULL,
    class   text NOT NULL,
    steps   boolean NOT NULL,
    layer   smallint NOT NULL,
    incline double precision NOT NULL,
    geom    geometry(LineString, 4490) NOT NULL,
    edition bigint NOT NULL REFERENCES edition,
    valid   tstzrange NOT NULL
);
COMMENT ON TABLE street IS 'Walkable edges: they are joined where their ends have the same coordinates, and nowhere else.';
COMMENT ON COLUMN street.way_id IS 'The way of OpenStreetMap or the row of the file that it came from.';
COMMENT ON COLUMN street.incline IS 'Rise over run along the line, 0 where unknown.';
CREATE INDEX street_geom_gist ON street USING gist (geom);
CREATE INDEX street_edition ON street (edition);
CREATE INDEX street_ended ON street (upper(valid)) WHERE NOT upper_inf(valid);

CREATE TABLE circle (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facility_id bigint NOT NULL REFERENCES facility,
    profile     text NOT NULL,
    tier        text NOT NULL,
    limit_m     double precision NOT NULL CHECK (limit_m > 0),
    means       text NOT NULL CHECK (means IN ('walked', 'radius', 'refused')),
    reason      text,
    snapped_m   double precision,
    area_m2     double precision,
    geom        geometry(MultiPolygon, 4490),
    edition     bigint NOT NULL REFERENCES edition,
    valid       tstzrange NOT NULL,
    CONSTRAINT circle_has_land CHECK ((geom IS NULL) = (means = 'refused')),
    CONSTRAINT circle_one_at_a_time EXCLUDE USING gist (facility_id WITH =, profile WITH =, tier WITH =, valid WITH &&)
);
COMMENT ON COLUMN circle.means IS
    'walked: along streets; radius: as the crow flies, for want of streets; refused: see the reason, a kind of message.';
COMMENT ON COLUMN circle.snapped_m IS 'From the facility to the street that it was joined to.';
CREATE INDEX circle_geom_gist ON circle USING gist (geom);

CREATE TABLE circle_basis (
    profile text PRIMARY KEY,
    digest  text NOT NULL,
    edition bigint NOT NULL
);
COMMENT ON TABLE circle_basis IS 'By profile: the figures its circles were made with, and the edition they were held against.';

CREATE TRIGGER keep_history BEFORE UPDATE ON street FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_history BEFORE UPDATE ON circle FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_present_opened AFTER INSERT ON street REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON street REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_opened AFTER INSERT ON circle REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON circle REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();

GRANT SELECT, INSERT ON street, circle, circle_basis TO gridwarden_app;
GRANT UPDATE (valid) ON street, circle TO gridwarden_app;
GRANT UPDATE (digest, edition) ON circle_basis TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;
