-- Write down how far a job is, and at its end what came of it.
-- in: id, stage, done, total, result, refusal (JSON text or null)      index: job_progress' key
INSERT INTO job_progress (job_id, stage, done, total, updated_at, result, refusal)
VALUES (:id, :stage, :done, :total, clock_timestamp(), CAST(:result AS jsonb), CAST(:refusal AS jsonb))
ON CONFLICT (job_id) DO UPDATE
SET stage = excluded.stage, done = excluded.done, total = excluded.total, updated_at = excluded.updated_at,
    result = excluded.result, refusal = excluded.refusal;
