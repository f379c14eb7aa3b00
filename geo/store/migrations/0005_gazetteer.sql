-- The gazetteer: every name that anything bears, by its letters and its sound. What bears a name is looked up in the
-- tables where it stands, so the answer is that of the edition asked for; only names are kept here, and none ever goes.

ALTER TABLE edition DROP CONSTRAINT edition_kind_check;
ALTER TABLE edition ADD CONSTRAINT edition_kind_check CHECK (kind IN (
    'boundaries', 'teams', 'residences', 'facilities', 'overlays', 'streets', 'circles', 'aliases'
));

CREATE TABLE place_stem (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text text COLLATE "C" NOT NULL UNIQUE CHECK (text <> '')
);
COMMENT ON TABLE place_stem IS 'Names without their numbers, in plain form: one for all phases and buildings of an estate.';

CREATE TABLE place_key (
    stem_id bigint NOT NULL REFERENCES place_stem,
    key     integer NOT NULL,
    kind    smallint NOT NULL CHECK (kind BETWEEN 0 AND 2)
);
COMMENT ON COLUMN place_key.kind IS '0: all of the name as it sounds; 1: one syllable left out; 2: two signs inside it.';
CREATE INDEX place_key_key ON place_key (key, kind) INCLUDE (stem_id);

CREATE TABLE place_name (
    name    text COLLATE "C" PRIMARY KEY,
    stem_id bigint NOT NULL REFERENCES place_stem,
    digits  text COLLATE "C" NOT NULL
);
COMMENT ON COLUMN place_name.digits IS 'Its numbers from the largest part to the smallest, such as 8.3.2.';
CREATE INDEX place_name_stem ON place_name (stem_id, digits);

CREATE TABLE place_alias (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alias   text NOT NULL CHECK (alias <> ''),
    name    text,
    code    text,
    edition bigint NOT NULL REFERENCES edition,
    valid   tstzrange NOT NULL,
    CHECK (num_nonnulls(name, code) = 1)
);
COMMENT ON TABLE place_alias IS 'What a place is also called: the place by its name, or an area by its code.';
CREATE INDEX place_alias_alias ON place_alias (alias);
CREATE INDEX place_alias_edition ON place_alias (edition);

-- texts of ledgers may be of any length, which only hashes hold
CREATE INDEX residence_address ON residence USING hash (address);
CREATE INDEX residence_estate ON residence USING hash (estate);
CREATE INDEX residence_parts ON residence USING hash ((estate || '-' || building || coalesce('-' || unit, '')));
CREATE INDEX residence_edition ON residence (edition);
CREATE INDEX facility_name ON facility USING hash (name);
CREATE INDEX facility_edition ON facility (edition);
CREATE INDEX overlay_name ON overlay USING hash (name);
CREATE INDEX overlay_edition ON overlay (edition);
CREATE INDEX area_version_name ON area_version (name, parent_id) WHERE length(name) <= 200;
CREATE INDEX area_version_local_code ON area_version (local_code)
    WHERE local_code IS NOT NULL AND length(local_code) <= 200;

CREATE TRIGGER keep_history BEFORE UPDATE ON place_alias FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_present_opened AFTER INSERT ON place_alias REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON place_alias REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();

GRANT SELECT, INSERT ON place_stem, place_key, place_name, place_alias TO gridwarden_app;
GRANT UPDATE (valid) ON place_alias TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;
