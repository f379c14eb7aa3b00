-- What a publication of a hundred thousand areas waited for.

-- keep_present compares the edition of every version with the register, for all rows of a statement at once, and
-- keep_sealed sees to those that have none yet; asking again a row at a time took as long as writing the rows.
ALTER TABLE area_version DROP CONSTRAINT area_version_edition_fkey;

CREATE OR REPLACE FUNCTION keep_sealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM area_version WHERE upper(valid) = not_yet() AND NOT upper_inf(valid)) THEN
        RAISE EXCEPTION 'an area was ended without an edition' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT FROM area_version WHERE edition = 0) THEN
        RAISE EXCEPTION 'an area was opened without an edition' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

-- What became of areas: those whose boundary, parent or kind is another than before the transaction.
-- "noded" says that nothing but the boundary changed, and that by new nodes only.
CREATE OR REPLACE FUNCTION coverage_changes(touched bigint[]) RETURNS SETOF coverage_change LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    RETURN QUERY
    SELECT a.id, a.level, coalesce(n.kind, o.kind), n.id, o.id, n.parent_id, o.parent_id,
           coalesce(n.noded AND n.kind = o.kind AND n.parent_id IS NOT DISTINCT FROM o.parent_id, false)
    FROM unnest(touched) AS t (id)
    JOIN area AS a ON a.id = t.id
    LEFT JOIN area_version AS n ON n.area_id = t.id AND upper_inf(n.valid)
    LEFT JOIN (
        -- all at once: where thousands changed, looking each up takes four times as long
        SELECT DISTINCT ON (w.area_id) w.area_id, w.id, w.kind, w.parent_id, w.geom, upper(w.valid) AS ended
        FROM area_version AS w WHERE w.area_id = ANY (touched) AND NOT upper_inf(w.valid)
        ORDER BY w.area_id, upper(w.valid) DESC
    ) AS o ON o.area_id = t.id AND (n.id IS NULL OR o.ended = lower(n.valid))
    WHERE n.id IS NULL OR o.id IS NULL OR n.kind <> o.kind OR n.parent_id IS DISTINCT FROM o.parent_id
       OR n.geom IS DISTINCT FROM o.geom;
END
$$;

CREATE OR REPLACE FUNCTION keep_coverage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    touched bigint[];
    changes coverage_change[];
    conserved text[];
    loose bigint[] := '{}';
    wrong text;
BEGIN
    WITH due AS (DELETE FROM coverage_due RETURNING area_ids)
    SELECT array_agg(DISTINCT one) INTO touched FROM due, unnest(due.area_ids) AS one;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(touched) > 5000 THEN
        -- what the planner knows is from before them: it would compare every area with every family
        ANALYZE area, area_version;
        -- so many are worth the start of a second process
        PERFORM set_config(one, '0', true) FROM unnest(
            ARRAY['parallel_setup_cost', 'parallel_tuple_cost', 'min_parallel_table_scan_size']) AS one;
    END IF;
    changes := ARRAY(SELECT c FROM coverage_changes(touched) AS c);
    -- a first import, of which nothing was there before, is spared the comparison
    conserved := CASE WHEN EXISTS (SELECT FROM unnest(changes) AS c WHERE c.was_id IS NOT NULL)
        THEN ARRAY(SELECT * FROM conserved_levels(changes)) ELSE '{}' END;
    IF cardinality(changes) <= 300 THEN
        loose := ARRAY(
            SELECT c.area_id FROM unnest(changes) AS c
            JOIN area_version AS n ON n.id = c.now_id JOIN area_version AS o ON o.id = c.was_id
            -- the diagonal of a cell
            WHERE c.noded AND NOT merely_noded(n.geom, o.geom, 1.42e-7));
        SELECT n.code INTO wrong FROM unnest(changes) AS c
        JOIN area_version AS n ON n.id = c.now_id JOIN area_version AS o ON o.id = c.was_id
        -- imports may take nodes over from up to a metre away
        WHERE c.area_id = ANY (loose) AND NOT merely_noded(n.geom, o.geom, 1e-5) LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'the area % is said to have received nodes only, and is redrawn', wrong
                USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    PERFORM take_coverage_locks(ARRAY(
        -- areas that are new nobody else can know
        SELECT t.id FROM unnest(touched) AS t (id)
        WHERE EXISTS (SELECT FROM area_version AS v WHERE v.area_id = t.id AND NOT upper_inf(v.valid))
        UNION
        SELECT unnest(ARRAY[c.now_parent, c.was_parent]) FROM unnest(changes) AS c
        WHERE NOT (c.noded AND c.level = ANY (conserved)) OR c.area_id = ANY (loose)
        UNION
        SELECT special_locks(v.geom)
        FROM (SELECT now_id FROM unnest(changes) UNION ALL SELECT was_id FROM unnest(changes)) AS c (id)
        JOIN area_version AS v ON v.id = c.id
        WHERE v.kind = 'special' AND v.geom IS NOT NULL));
    BEGIN
        PERFORM check_coverage(changes, conserved, false);
    EXCEPTION WHEN internal_error THEN
        -- GEOS gives up on boundaries that are no valid polygons; an accepted finding says so of them
        PERFORM check_coverage(changes, conserved, true);
    END;
    RETURN NULL;
END
$$;
