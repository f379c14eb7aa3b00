-- Undo plans; they and the lineage are lost.
DROP INDEX area_version_edition;
DROP INDEX area_version_area;
ALTER TABLE accepted_finding DROP COLUMN area_ids;
DROP TABLE lineage, plan_area, plan_event, plan_draft, plan;
