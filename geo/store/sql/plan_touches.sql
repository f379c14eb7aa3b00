-- Stored areas that an import's draft concerns: those it changes or ends, and the parents of what it opens.
-- in: plan, draft      index: plan_area's key
SELECT area_id FROM plan_area WHERE plan_id = :plan AND draft = :draft AND area_id > 0 AND NOT noded
UNION
SELECT parent_id FROM plan_area WHERE plan_id = :plan AND draft = :draft AND parent_id > 0 AND NOT noded
UNION
SELECT 0 FROM plan_area WHERE plan_id = :plan AND draft = :draft AND coalesce(parent_id, 0) = 0 AND NOT noded;
