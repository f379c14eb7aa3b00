-- Jobs, the newest first, with how far each is.
-- in: id (bigint or null: only this one), before (bigint or null), limit      index: procrastinate_jobs' key
SELECT j.id, j.task_name AS task, CAST(j.status AS text) AS status, j.abort_requested, j.args, j.attempts,
       p.stage, p.done, p.total, p.refusal, p.result IS NOT NULL AS has_result,
       (SELECT min(e.at) FROM procrastinate_events AS e WHERE e.job_id = j.id AND e.type = 'deferred') AS created_at,
       (SELECT max(e.at) FROM procrastinate_events AS e WHERE e.job_id = j.id AND e.type = 'started') AS started_at,
       (SELECT max(e.at) FROM procrastinate_events AS e
        WHERE e.job_id = j.id AND e.type IN ('succeeded', 'failed', 'cancelled', 'aborted')) AS ended_at
FROM procrastinate_jobs AS j LEFT JOIN job_progress AS p ON p.job_id = j.id
WHERE (CAST(:id AS bigint) IS NULL OR j.id = :id)
  AND (CAST(:before AS bigint) IS NULL OR j.id < :before)
ORDER BY j.id DESC
LIMIT :limit;
