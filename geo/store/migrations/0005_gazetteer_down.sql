-- Undo 0005_gazetteer.
DROP INDEX area_version_name, area_version_local_code;
DROP INDEX overlay_name, overlay_edition, facility_name, facility_edition;
DROP INDEX residence_address, residence_estate, residence_parts, residence_edition;
DROP TABLE place_alias, place_name, place_key, place_stem;
ALTER TABLE edition DROP CONSTRAINT edition_kind_check;
ALTER TABLE edition ADD CONSTRAINT edition_kind_check CHECK (kind IN (
    'boundaries', 'teams', 'residences', 'facilities', 'overlays', 'streets', 'circles'
));
