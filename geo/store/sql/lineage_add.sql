-- Write down that land went from one area to another.
-- in: edition, plan (bigint or null), operation, from_id, to_id (bigint or null), area_m2, share_of_from, share_of_to
--     (or null), households (or null)      index: none
INSERT INTO lineage (edition, plan_id, operation, from_id, to_id, area_m2, share_of_from, share_of_to, households)
VALUES (:edition, :plan, :operation, :from_id, :to_id, :area_m2, :share_of_from, :share_of_to, :households);
