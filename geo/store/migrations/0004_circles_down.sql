-- Undo streets and circles; both are lost, and so are the editions that published nothing else.
DROP TABLE circle_basis, circle, street;
DELETE FROM edition WHERE kind IN ('streets', 'circles');
ALTER TABLE edition DROP CONSTRAINT edition_kind_check;
ALTER TABLE edition ADD CONSTRAINT edition_kind_check CHECK (
    kind IN ('boundaries', 'teams', 'residences', 'facilities', 'overlays'));
