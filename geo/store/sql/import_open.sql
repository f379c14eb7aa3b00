-- The plan that an author has made of a file before and not yet handed in: same name, level and kind, and some of the
-- same areas. The newest, if there are several.
-- in: author, file, level, kind, codes (text[])      index: plan_draft's and plan_area's keys
SELECT p.id
FROM plan AS p JOIN plan_draft AS d ON d.plan_id = p.id AND d.number = p.draft
WHERE p.kind = 'import' AND p.state IN ('draft', 'rejected') AND p.author = :author
  AND d.outcome -> 'report' -> 'input' ->> 'name' = :file
  AND d.outcome -> 'report' ->> 'level' = :level AND d.outcome -> 'report' ->> 'kind' = :kind
  AND EXISTS (
      SELECT FROM plan_area AS a
      WHERE a.plan_id = p.id AND a.draft = p.draft AND NOT a.noded AND a.code = ANY (CAST(:codes AS text[]))
  )
ORDER BY p.id DESC
LIMIT 1;
