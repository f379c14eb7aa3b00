-- Undo plans, lineage and what keeps history and coverage; plans and lineage are lost.
DROP TABLE coverage_due, coverage_lock, lineage, plan_area, plan_event, plan_draft, plan CASCADE;
DROP FUNCTION keep_history, keep_present, keep_editions, note_opened, note_changed, keep_coverage, keep_sealed CASCADE;
DROP FUNCTION check_coverage, refuse_coverage, locks_without_parent, merely_noded, beyond_parents, new_overlaps, excused,
    pieces_of, sound, was_before, covered_families, conserved_levels, any_turn, turned_area, coverage_changes, in_force,
    special_locks, take_coverage_locks, is_owner_of, not_yet;
DROP TYPE coverage_change, coverage_family;
ALTER TABLE area_version ALTER CONSTRAINT area_version_edition_fkey NOT DEFERRABLE;
REVOKE UPDATE (edition) ON area_version FROM gridwarden_app;
DROP INDEX area_version_area, area_version_edition, area_version_ended, edition_published_at, accepted_finding_geom_gist;
ALTER TABLE accepted_finding DROP COLUMN area_ids;
CREATE INDEX area_version_local_code ON area_version (local_code);
