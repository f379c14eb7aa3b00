-- Boundaries as tiles show them: fewer vertices at each second zoom, from one edition to another. Made from the
-- versions of areas and never the other way round; who needs an edition that is not there yet makes it.

CREATE TABLE tile_shape (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_id       bigint NOT NULL REFERENCES area,
    layer         text NOT NULL,
    zoom          smallint NOT NULL,
    box           geometry(Polygon) NOT NULL,
    label_x       double precision NOT NULL,
    label_y       double precision NOT NULL,
    rings         bytea NOT NULL,
    first_edition bigint NOT NULL REFERENCES edition,
    last_edition  bigint
);
COMMENT ON COLUMN tile_shape.box IS 'Of the rings and the label, on the square of Web Mercator, in tiles of zoom 16.';
COMMENT ON COLUMN tile_shape.rings IS 'As geo.simplify.packed writes them, in units of the zoom.';
COMMENT ON COLUMN tile_shape.last_edition IS 'The last one that shows it so; null as long as it holds.';
CREATE INDEX tile_shape_box ON tile_shape USING gist (layer, zoom, box);
CREATE INDEX tile_shape_area ON tile_shape (area_id) WHERE last_edition IS NULL;
CREATE INDEX tile_shape_first ON tile_shape (first_edition);
CREATE INDEX tile_shape_last ON tile_shape (last_edition) WHERE last_edition IS NOT NULL;

CREATE TABLE tile_state (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    edition  bigint NOT NULL
);
COMMENT ON TABLE tile_state IS 'Up to which edition shapes are made: one row.';
INSERT INTO tile_state (edition) VALUES (0);

GRANT SELECT, INSERT ON tile_shape TO gridwarden_app;
GRANT UPDATE (last_edition) ON tile_shape TO gridwarden_app;
GRANT SELECT ON tile_state TO gridwarden_app;
GRANT UPDATE (edition) ON tile_state TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;

CREATE TABLE base_map (
    name     text PRIMARY KEY,
    title    text NOT NULL,
    kind     text NOT NULL,
    place    text NOT NULL,
    key      text,
    source   text NOT NULL,
    approval text,
    min_zoom smallint NOT NULL,
    max_zoom smallint NOT NULL,
    bounds   double precision[]
);
COMMENT ON COLUMN base_map.place IS 'A file or folder of the host, or the address of tiles, which the operator gave.';
COMMENT ON COLUMN base_map.key IS 'Of the operator at the map service: never shown.';
COMMENT ON COLUMN base_map.approval IS 'The map''s 审图号.';
GRANT SELECT, INSERT, DELETE ON base_map TO gridwarden_app;
