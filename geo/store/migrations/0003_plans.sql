-- Plans and lineage; history that nobody but the owner can rewrite; coverage that the database keeps by itself.

CREATE TABLE plan (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title              text NOT NULL CHECK (title <> ''),
    kind               text NOT NULL DEFAULT 'operations' CHECK (kind IN ('operations', 'import', 'revert')),
    state              text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'submitted', 'approved', 'published', 'rejected', 'withdrawn')),
    author             text NOT NULL,
    reviewer           text,
    draft              integer NOT NULL DEFAULT 0 CHECK (draft >= 0),
    effective_date     date,
    publish_not_before timestamptz,
    created_at         timestamptz NOT NULL,
    reverts            bigint REFERENCES edition,
    edition            bigint REFERENCES edition,
    CHECK ((state = 'published') = (edition IS NOT NULL))
);
COMMENT ON TABLE plan IS 'A set of adjustments (调整方案): the only way a boundary changes, imports included.';
COMMENT ON COLUMN plan.draft IS 'The version of the draft that counts now, 0 before the first; undo and redo move it.';
COMMENT ON COLUMN plan.effective_date IS 'The date of the decision, printed; validity starts at publication.';
CREATE INDEX plan_open ON plan (id) WHERE state IN ('draft', 'submitted', 'approved');
CREATE INDEX plan_edition ON plan (edition);

CREATE TABLE plan_draft (
    plan_id      bigint NOT NULL REFERENCES plan,
    number       integer NOT NULL CHECK (number > 0),
    parent       integer NOT NULL CHECK (parent >= 0 AND parent < number),
    operations   jsonb NOT NULL,
    base_edition bigint NOT NULL,
    seen         jsonb NOT NULL DEFAULT '{}',
    outcome      jsonb NOT NULL DEFAULT '{}',
    digest       text NOT NULL,
    author       text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (plan_id, number)
);
COMMENT ON TABLE plan_draft IS 'Every version of every draft; none is ever changed.';
COMMENT ON COLUMN plan_draft.parent IS 'The version that this one was made from, 0 for none: undo goes there.';
COMMENT ON COLUMN plan_draft.seen IS 'Version id by area id of every area that the draft changes, as it was when drafted.';
COMMENT ON COLUMN plan_draft.outcome IS 'What the draft makes of them, as the drafting reports it.';

CREATE TABLE plan_event (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL REFERENCES plan,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    via     text NOT NULL CHECK (via IN ('command', 'http')),
    event   text NOT NULL,
    draft   integer NOT NULL,
    reason  text,
    details jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE plan_event IS 'What happened to a plan: changes of state, comments, publications that were refused.';
CREATE INDEX plan_event_plan ON plan_event (plan_id, id);

CREATE TABLE plan_area (
    plan_id         bigint NOT NULL,
    draft           integer NOT NULL,
    area_id         bigint NOT NULL,
    ends            boolean NOT NULL DEFAULT false,
    level           text NOT NULL,
    code            text NOT NULL,
    local_code      text,
    name            text NOT NULL,
    kind            text NOT NULL,
    category        text,
    parent_id       bigint,
    geom            geometry(MultiPolygon, 4490),
    area_m2         double precision,
    not_subdivided  boolean NOT NULL DEFAULT false,
    fully_divided   boolean NOT NULL DEFAULT false,
    noded           boolean NOT NULL DEFAULT false,
    source_digest   bytea,
    PRIMARY KEY (plan_id, draft, area_id),
    FOREIGN KEY (plan_id, draft) REFERENCES plan_draft
);
COMMENT ON TABLE plan_area IS
    'The versions that the draft of an import is to open, and the areas it ends; ids below zero are areas to come.';

CREATE TABLE lineage (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    edition       bigint NOT NULL REFERENCES edition,
    plan_id       bigint REFERENCES plan,
    operation     text NOT NULL,
    from_id       bigint REFERENCES area,
    to_id         bigint REFERENCES area,
    area_m2       double precision NOT NULL CHECK (area_m2 >= 0),
    share_of_from double precision CHECK (share_of_from BETWEEN 0 AND 1),
    share_of_to   double precision CHECK (share_of_to BETWEEN 0 AND 1),
    households    bigint CHECK (households >= 0),
    CHECK (num_nonnulls(from_id, to_id) > 0)
);
COMMENT ON TABLE lineage IS 'Which area came from which (沿革), with shares of land and households; null is nobody''s land.';
CREATE INDEX lineage_from ON lineage (from_id);
CREATE INDEX lineage_to ON lineage (to_id);
CREATE INDEX lineage_edition ON lineage (edition);

ALTER TABLE accepted_finding ADD COLUMN area_ids bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN accepted_finding.area_ids IS 'The areas of codes, sorted: codes may change, and be given again.';
UPDATE accepted_finding AS f SET area_ids = coalesce((
    SELECT array_agg(DISTINCT v.area_id ORDER BY v.area_id) FROM area_version AS v
    WHERE v.code = ANY (f.codes) AND v.valid @> f.accepted_at
), '{}');

CREATE INDEX area_version_area ON area_version (area_id, id);
CREATE INDEX area_version_edition ON area_version (edition);
-- nobody is found by the code of another register
DROP INDEX area_version_local_code;
CREATE INDEX area_version_ended ON area_version (upper(valid)) WHERE NOT upper_inf(valid);

-- A publication that numbers itself late writes versions of edition 0 that begin at not_yet(), and ends others then;
-- before it commits, both get their number and moment. Nothing else may ever be changed but an end that is still open.

ALTER TABLE area_version ALTER CONSTRAINT area_version_edition_fkey DEFERRABLE INITIALLY DEFERRED;
GRANT UPDATE (edition) ON area_version TO gridwarden_app;

CREATE FUNCTION not_yet() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT timestamptz '9999-12-31 23:59:59.999999+00'
$$;

CREATE FUNCTION is_owner_of(relation oid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = gridwarden, public, pg_temp AS $$
    SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = relation
$$;

CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql SET search_path = gridwarden, public, pg_temp AS $$
DECLARE
    may_close boolean := upper_inf(OLD.valid) AND NOT upper_inf(NEW.valid) AND lower(NEW.valid) = lower(OLD.valid);
    may_date boolean := upper(OLD.valid) = not_yet() AND lower(NEW.valid) = lower(OLD.valid);
    may_seal boolean := OLD.edition = 0 AND lower(OLD.valid) = not_yet() AND lower(NEW.valid) < not_yet()
        AND upper_inf(NEW.valid) AND NEW.edition > 0;
BEGIN
    IF is_owner_of(TG_RELID) THEN
        RETURN NEW;
    END IF;
    IF may_close OR may_date OR may_seal THEN
        OLD.valid := NEW.valid;
        IF may_seal THEN
            OLD.edition := NEW.edition;
        END IF;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'history is not rewritten: version % of % may only be closed', OLD.id, TG_RELNAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION keep_present() RETURNS trigger LANGUAGE plpgsql SET search_path = gridwarden, public, pg_temp AS $$
DECLARE
    wrong bigint;
    present bigint := (SELECT edition FROM edition_now);
BEGIN
    IF is_owner_of(TG_RELID) THEN
        RETURN NULL;
    END IF;
    SELECT f.id INTO wrong FROM fresh AS f WHERE CASE
        WHEN upper_inf(f.valid) AND f.edition = 0 THEN lower(f.valid) < not_yet()
        WHEN upper_inf(f.valid) THEN NOT EXISTS (
            SELECT FROM edition AS e WHERE e.id = f.edition AND e.id > present AND e.published_at = lower(f.valid))
        WHEN TG_OP = 'INSERT' THEN true
        ELSE upper(f.valid) < not_yet() AND NOT EXISTS (
            SELECT FROM edition AS e WHERE e.published_at = upper(f.valid) AND e.id > present)
    END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'history is not rewritten: version % of % does not begin or end with a new edition', wrong, TG_RELNAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_editions() RETURNS trigger LANGUAGE plpgsql SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    IF is_owner_of(TG_RELID) THEN
        RETURN NEW;
    END IF;
    IF TG_RELNAME = 'edition_now' THEN
        IF NEW.only_row AND NEW.edition > OLD.edition
            AND EXISTS (SELECT FROM edition AS e WHERE e.id = NEW.edition) THEN
            RETURN NEW;
        END IF;
    ELSIF NEW.id > (SELECT n.edition FROM edition_now AS n)
        AND NOT EXISTS (SELECT FROM edition AS e WHERE e.published_at >= NEW.published_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'editions only go forward, in number and moment'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER keep_history BEFORE UPDATE ON area_version FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_history BEFORE UPDATE ON team FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_history BEFORE UPDATE ON residence FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_history BEFORE UPDATE ON facility FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_history BEFORE UPDATE ON overlay FOR EACH ROW EXECUTE FUNCTION keep_history();
CREATE TRIGGER keep_present_opened AFTER INSERT ON area_version REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON area_version REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_opened AFTER INSERT ON team REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON team REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_opened AFTER INSERT ON residence REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON residence REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_opened AFTER INSERT ON facility REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON facility REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_opened AFTER INSERT ON overlay REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE TRIGGER keep_present_closed AFTER UPDATE ON overlay REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION keep_present();
CREATE INDEX edition_published_at ON edition (published_at);
CREATE TRIGGER keep_editions BEFORE INSERT ON edition FOR EACH ROW EXECUTE FUNCTION keep_editions();
CREATE TRIGGER keep_editions BEFORE UPDATE ON edition_now FOR EACH ROW EXECUTE FUNCTION keep_editions();

-- Coverage. Whoever changes an area, or a child of it, updates its row in coverage_lock: of two transactions that could
-- store an overlap between them, one waits for the other (READ COMMITTED) or is refused (the stricter levels, 40001).
-- Rows are taken in the order of their ids. Below zero stand tiles for special grids, 0 stands for areas that no parent
-- holds; the rest are ids of areas, made when first needed.

CREATE TABLE coverage_lock (
    id   bigint PRIMARY KEY,
    turn bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE coverage_lock IS 'One row an area whose children or boundary ever changed: updated, it is the lock.';

CREATE TABLE coverage_due (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_ids bigint[] NOT NULL
);
COMMENT ON TABLE coverage_due IS 'Areas that the transaction has touched and not yet checked; nobody ever sees a row of another.';

CREATE FUNCTION take_coverage_locks(ids bigint[]) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp AS $$
    INSERT INTO coverage_lock AS l (id) SELECT DISTINCT one FROM unnest(ids) AS one WHERE one IS NOT NULL ORDER BY one
    ON CONFLICT (id) DO UPDATE SET turn = l.turn + 1
$$;

-- The tiles of a hundredth of a degree that a box meets, folded into 256 rows; all of them for a box that meets more.
CREATE FUNCTION special_locks(shape geometry) RETURNS SETOF bigint LANGUAGE sql IMMUTABLE
SET search_path = gridwarden, public, pg_temp AS $$
    SELECT -1 - ((x * 31 + y) & 255)
    FROM generate_series(floor(ST_XMin(shape) * 100)::bigint, floor(ST_XMax(shape) * 100)::bigint) AS x,
         generate_series(floor(ST_YMin(shape) * 100)::bigint, floor(ST_YMax(shape) * 100)::bigint) AS y
    WHERE (ST_XMax(shape) - ST_XMin(shape)) * (ST_YMax(shape) - ST_YMin(shape)) < 0.02
    UNION
    SELECT -one FROM generate_series(1, 256) AS one
    WHERE (ST_XMax(shape) - ST_XMin(shape)) * (ST_YMax(shape) - ST_YMin(shape)) >= 0.02
$$;

CREATE FUNCTION note_opened() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    INSERT INTO coverage_due (area_ids) SELECT array_agg(DISTINCT area_id) FROM fresh HAVING count(*) > 0;
    RETURN NULL;
END
$$;

CREATE FUNCTION note_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    -- numbering what was checked before changes nothing on the map
    INSERT INTO coverage_due (area_ids) SELECT array_agg(DISTINCT area_id) FROM stale
    WHERE edition > 0 AND upper(valid) IS DISTINCT FROM not_yet() HAVING count(*) > 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER note_opened AFTER INSERT ON area_version REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION note_opened();
CREATE TRIGGER note_changed AFTER UPDATE ON area_version REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed();

CREATE INDEX accepted_finding_geom_gist ON accepted_finding USING gist (geom);

CREATE FUNCTION in_force(accepted_finding) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    -- the day at the site, wherever it is; the program knows the site and is stricter
    SELECT $1.revoked_at IS NULL AND ($1.until IS NULL OR $1.until >= (now() - interval '12 hours')::date)
$$;

CREATE TYPE coverage_family AS (level text, parent bigint);
CREATE TYPE coverage_change AS (
    area_id bigint, level text, kind text, now_id bigint, was_id bigint, now_parent bigint, was_parent bigint,
    noded boolean
);

-- What became of areas: those whose boundary, parent or kind is another than before the transaction.
-- "noded" says that nothing but the boundary changed, and that by new nodes only.
CREATE FUNCTION coverage_changes(touched bigint[]) RETURNS SETOF coverage_change LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    RETURN QUERY
    SELECT a.id, a.level, coalesce(n.kind, o.kind), n.id, o.id, n.parent_id, o.parent_id,
           coalesce(n.noded AND n.kind = o.kind AND n.parent_id IS NOT DISTINCT FROM o.parent_id, false)
    FROM unnest(touched) AS t (id)
    JOIN area AS a ON a.id = t.id
    LEFT JOIN area_version AS n ON n.area_id = t.id AND upper_inf(n.valid)
    LEFT JOIN LATERAL (
        SELECT w.id, w.kind, w.parent_id, w.geom FROM area_version AS w
        WHERE w.area_id = t.id AND NOT upper_inf(w.valid) AND (n.id IS NULL OR upper(w.valid) = lower(n.valid))
        ORDER BY upper(w.valid) DESC LIMIT 1
    ) AS o ON true
    WHERE n.id IS NULL OR o.id IS NULL OR n.kind <> o.kind OR n.parent_id IS DISTINCT FROM o.parent_id
       OR n.geom IS DISTINCT FROM o.geom;
END
$$;

-- The area of a boundary after its corners were turned, sheared and rounded. Borders that two areas share corner by corner
-- cancel in any sum of these; what does not cancel is land that several areas have, or none: with turns that nobody
-- knows beforehand, four sums that agree leave no room for either.
CREATE FUNCTION turned_area(shape geometry, turn double precision[]) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(public.ST_Area(public.ST_SnapToGrid(
        public.ST_Affine(shape, turn[1], turn[2], turn[3], turn[4], 0, 0), turn[5], turn[6], turn[7], turn[8])), 0)
$$;

CREATE FUNCTION any_turn() RETURNS double precision[] LANGUAGE sql VOLATILE
SET search_path = gridwarden, public, pg_temp AS $$
    SELECT ARRAY[1 + r[1], r[2] - 0.5, r[3] - 0.5, 1 + r[4], r[5], r[6], (2 + 7 * r[7]) * 1e-7, (2 + 7 * r[8]) * 1e-7]
    FROM (
        -- not random(): whoever sets its seed would know the turn
        SELECT array_agg(('x' || substr(replace(u, '-', ''), 1 + 4 * (i % 2), 4))::bit(16)::integer / 65536.0) AS r
        FROM (SELECT gen_random_uuid()::text AS u, i FROM generate_series(0, 7) AS i) AS drawn
    ) AS numbers
$$;

-- Levels of which the changed areas have exactly the land that they had before, all together.
CREATE FUNCTION conserved_levels(changes coverage_change[]) RETURNS SETOF text LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    t1 double precision[] := any_turn();
    t2 double precision[] := any_turn();
    t3 double precision[] := any_turn();
    t4 double precision[] := any_turn();
BEGIN
    RETURN QUERY
    SELECT c.level
    FROM (
        SELECT level, now_id AS id, 1 AS sign FROM unnest(changes)
        UNION ALL
        SELECT level, was_id, -1 FROM unnest(changes)
    ) AS c JOIN area_version AS v ON v.id = c.id AND v.kind = 'general'
    -- a level that had nothing before cannot have kept it
    WHERE c.level IN (SELECT level FROM unnest(changes) WHERE was_id IS NOT NULL)
    GROUP BY c.level
    HAVING bool_or(c.sign < 0) AND greatest(
        abs(sum(c.sign * turned_area(v.geom, t1)::numeric)), abs(sum(c.sign * turned_area(v.geom, t2)::numeric)),
        abs(sum(c.sign * turned_area(v.geom, t3)::numeric)), abs(sum(c.sign * turned_area(v.geom, t4)::numeric))
    ) < 2e-15
    AND NOT bool_or(EXISTS (
        SELECT FROM accepted_finding AS f
        WHERE f.geom && v.geom AND f.kind IN ('overlap', 'duplicate', 'unmatched_edge') AND in_force(f)
    ));
END
$$;

-- Parents whose general children of one level cover them exactly once.
CREATE FUNCTION covered_families(changes coverage_change[]) RETURNS SETOF coverage_family LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    t1 double precision[] := any_turn();
    t2 double precision[] := any_turn();
    t3 double precision[] := any_turn();
    t4 double precision[] := any_turn();
BEGIN
    RETURN QUERY
    WITH wanted AS (
        SELECT c.level, c.now_parent AS parent, 200 + 4 * count(*) AS most FROM unnest(changes) AS c
        WHERE c.kind = 'general' AND c.now_parent IS NOT NULL GROUP BY c.level, c.now_parent
        UNION
        SELECT DISTINCT a.level, c.area_id, 1000000 FROM unnest(changes) AS c
        JOIN area_version AS v ON v.parent_id = c.area_id AND upper_inf(v.valid) AND v.kind = 'general'
        JOIN area AS a ON a.id = v.area_id
        WHERE c.kind = 'general' AND c.now_id IS NOT NULL
    ), sums AS (
        SELECT w.level, w.parent, sum(turned_area(v.geom, t1)) AS s1, sum(turned_area(v.geom, t2)) AS s2,
               sum(turned_area(v.geom, t3)) AS s3, sum(turned_area(v.geom, t4)) AS s4
        FROM (SELECT level, parent, max(most) AS most FROM wanted GROUP BY level, parent) AS w
        JOIN area_version AS v ON v.parent_id = w.parent AND upper_inf(v.valid) AND v.kind = 'general'
        JOIN area AS a ON a.id = v.area_id AND a.level = w.level
        GROUP BY w.level, w.parent, w.most HAVING count(*) <= w.most
    )
    SELECT s.level, s.parent FROM sums AS s JOIN area_version AS p ON p.area_id = s.parent AND upper_inf(p.valid)
    WHERE greatest(abs(s.s1 - turned_area(p.geom, t1)), abs(s.s2 - turned_area(p.geom, t2)),
                   abs(s.s3 - turned_area(p.geom, t3)), abs(s.s4 - turned_area(p.geom, t4))) < 2e-15;
END
$$;

-- Whether something was so just before a moment.
CREATE FUNCTION was_before(valid tstzrange, moment timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(valid) < moment AND (upper_inf(valid) OR upper(valid) >= moment)
$$;

CREATE FUNCTION sound(shape geometry, mend boolean) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN mend THEN public.ST_MakeValid(shape) ELSE shape END
$$;

-- The polygons of a shape that are larger than one cell of the lattice.
CREATE FUNCTION pieces_of(shape geometry) RETURNS SETOF geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT d.geom FROM public.ST_Dump(public.ST_CollectionExtract(shape, 3)) AS d WHERE public.ST_Area(d.geom) > 1e-14
$$;

-- Whether an exception in force holds a piece, grown by one cell.
CREATE FUNCTION excused(kinds text[], ids bigint[], piece geometry) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = gridwarden, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM accepted_finding AS f
        WHERE f.geom && piece AND f.kind = ANY (kinds) AND f.area_ids = ids AND in_force(f)
          AND ST_Covers(ST_Buffer(f.geom, 1e-7), piece)
    )
$$;

-- Land that areas have together with others of their level (special grids: with any other), beyond what an exception
-- holds and what the two had together just before.
CREATE FUNCTION new_overlaps(changed bigint[], mend boolean)
RETURNS TABLE (one bigint, other bigint, piece geometry) LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    RETURN QUERY
    SELECT v.area_id, w.area_id, p.piece
    FROM unnest(changed) AS c (id)
    JOIN area_version AS v ON v.id = c.id
    JOIN area AS va ON va.id = v.area_id
    JOIN area_version AS w ON w.geom && v.geom AND upper_inf(w.valid) AND w.kind = v.kind AND w.area_id <> v.area_id
    JOIN area AS wa ON wa.id = w.area_id AND (wa.level = va.level OR v.kind = 'special')
    CROSS JOIN LATERAL pieces_of(CASE WHEN ST_Relate(sound(v.geom, mend), sound(w.geom, mend), 'T********')
        THEN ST_Intersection(sound(v.geom, mend), sound(w.geom, mend)) END) AS p (piece)
    WHERE (v.area_id < w.area_id OR w.id NOT IN (SELECT unnest(changed)))
      AND NOT excused('{overlap,duplicate,unmatched_edge}',
                      ARRAY[least(v.area_id, w.area_id), greatest(v.area_id, w.area_id)], p.piece)
      AND NOT EXISTS (
        SELECT FROM area_version AS o JOIN area_version AS q ON q.kind = o.kind
        WHERE o.area_id = v.area_id AND q.area_id = w.area_id AND was_before(o.valid, lower(v.valid))
          AND was_before(q.valid, lower(v.valid))
          AND ST_Covers(ST_Buffer(
            ST_CollectionExtract(ST_Intersection(sound(o.geom, mend), sound(q.geom, mend)), 3), 1e-7), p.piece));
END
$$;

-- Land of children beyond their parents, and whether an exception or the state just before holds it.
-- A special grid may lie one square metre beyond: that is digitising noise.
CREATE FUNCTION beyond_parents(children bigint[], mend boolean)
RETURNS TABLE (version_id bigint, child bigint, parent bigint, piece geometry, held boolean) LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    RETURN QUERY
    SELECT v.id, v.area_id, v.parent_id, p.piece,
           excused('{outside_parent}', ARRAY[least(v.area_id, v.parent_id), greatest(v.area_id, v.parent_id)], p.piece)
           OR EXISTS (
               SELECT FROM area_version AS o JOIN area_version AS q ON q.area_id = o.parent_id
               WHERE o.area_id = v.area_id AND o.parent_id = v.parent_id
                 AND was_before(o.valid, greatest(lower(v.valid), lower(u.valid)))
                 AND was_before(q.valid, greatest(lower(v.valid), lower(u.valid)))
                 AND ST_Covers(ST_Buffer(
                     ST_CollectionExtract(ST_Difference(sound(o.geom, mend), sound(q.geom, mend)), 3), 1e-7), p.piece))
    FROM (SELECT DISTINCT one FROM unnest(children) AS one) AS c (id)
    JOIN area_version AS v ON v.id = c.id
    JOIN area_version AS u ON u.area_id = v.parent_id AND upper_inf(u.valid)
    CROSS JOIN LATERAL pieces_of(CASE WHEN NOT ST_Covers(sound(u.geom, mend), sound(v.geom, mend))
        THEN ST_Difference(sound(v.geom, mend), sound(u.geom, mend)) END) AS p (piece)
    WHERE v.kind = 'general' OR ST_Area(p.piece::geography) > 1;
END
$$;

-- Whether a boundary only received nodes: nothing of what differs lies further from the former border than a reach.
CREATE FUNCTION merely_noded(shape geometry, former geometry, reach double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = gridwarden, public, pg_temp AS $$
    SELECT coalesce(bool_and(ST_Covers(
        ST_Buffer(ST_ClipByBox2D(ST_Boundary(former), ST_Expand(d.geom, 2 * reach)::box2d), reach), d.geom)), true)
    FROM ST_Dump(ST_CollectionExtract(ST_SymDifference(shape, former), 3)) AS d
$$;

-- Rows of coverage_lock that changes need besides those of areas that end, children and parents: where no parent holds an
-- area (there is none, it has no boundary, the area reaches beyond, an exception lies near, or there are areas of another
-- level between the two), all areas of other levels near it, and row 0. For an area that merely received nodes, of those
-- areas only the ones that have children of its level: its own land stays where it is, to within a cell.
CREATE FUNCTION locks_without_parent(versions bigint[], beyond bigint[], received bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql STABLE
SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    RETURN QUERY
    WITH loose AS (
        SELECT v.geom, a.level, v.id = ANY (received) AS noded FROM (SELECT unnest(versions) AS id) AS c
        JOIN area_version AS v ON v.id = c.id AND v.kind = 'general'
        JOIN area AS a ON a.id = v.area_id
        LEFT JOIN area_version AS p ON p.area_id = v.parent_id AND upper_inf(p.valid)
        WHERE p.geom IS NULL OR v.id = ANY (beyond)
           OR EXISTS (SELECT FROM accepted_finding AS f WHERE f.geom && v.geom AND in_force(f)
                      AND f.kind IN ('overlap', 'duplicate', 'unmatched_edge', 'outside_parent'))
           OR EXISTS (SELECT FROM area_version AS s JOIN area AS b ON b.id = s.area_id
                      WHERE s.parent_id = v.parent_id AND upper_inf(s.valid) AND s.kind = 'general' AND b.level <> a.level)
    )
    SELECT 0::bigint WHERE EXISTS (SELECT FROM loose)
    UNION
    SELECT w.area_id FROM loose AS l
    JOIN area_version AS w ON w.geom && l.geom AND upper_inf(w.valid) AND w.kind = 'general'
    JOIN area AS b ON b.id = w.area_id AND b.level <> l.level
    WHERE NOT l.noded OR EXISTS (
        SELECT FROM area_version AS s JOIN area AS c ON c.id = s.area_id
        WHERE s.parent_id = w.area_id AND upper_inf(s.valid) AND c.level = l.level);
END
$$;

CREATE FUNCTION refuse_coverage(what text, one bigint, other bigint, piece geometry) RETURNS void LANGUAGE plpgsql
SET search_path = gridwarden, public, pg_temp AS $$
DECLARE
    place geometry := ST_PointOnSurface(piece);
BEGIN
    RAISE EXCEPTION '% (% and %) at % %', what,
        (SELECT code FROM area_version WHERE area_id = one AND upper_inf(valid)),
        (SELECT code FROM area_version WHERE area_id = other AND upper_inf(valid)),
        round(ST_X(place)::numeric, 7), round(ST_Y(place)::numeric, 7)
        USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'coverage_is_kept';
END
$$;

-- Refuse what would leave areas of one level overlapping, or children beyond their parents.
CREATE FUNCTION check_coverage(changes coverage_change[], conserved text[], mend boolean) RETURNS void
LANGUAGE plpgsql SET search_path = gridwarden, public, pg_temp
SET plan_cache_mode = force_custom_plan SET jit = off SET work_mem = '64MB' AS $$
DECLARE
    families coverage_family[] := ARRAY(SELECT f FROM covered_families(changes) AS f);
    -- looking at all areas of a level pays only where many change
    many boolean := cardinality(changes) > 300;
    mixed text[];
    children bigint[];
    alone bigint[];
    beyond bigint[] := '{}';
    bad record;
BEGIN
    children := ARRAY(
        SELECT v.id FROM (
            SELECT c.now_id AS id FROM unnest(changes) AS c
            UNION
            SELECT v.id FROM unnest(changes) AS c JOIN area_version AS v ON v.parent_id = c.area_id AND upper_inf(v.valid)
            WHERE c.now_id IS NOT NULL
        ) AS k
        JOIN area_version AS v ON v.id = k.id AND v.parent_id IS NOT NULL
        JOIN area AS a ON a.id = v.area_id
        -- hashed whatever the statistics say, which after a first load know nothing of it; so below
        WHERE v.kind = 'special' OR (v.parent_id, a.level) NOT IN (SELECT f.parent, f.level FROM unnest(families) AS f));
    FOR bad IN SELECT * FROM beyond_parents(children, mend) LOOP
        IF NOT bad.held THEN
            PERFORM refuse_coverage('an area would lie beyond its parent', bad.child, bad.parent, bad.piece);
        END IF;
        beyond := beyond || bad.version_id;
    END LOOP;
    IF many THEN
        -- levels whose areas have parents of several levels: what one parent's children cover says nothing of others'
        mixed := ARRAY(
            SELECT a.level FROM area_version AS v JOIN area AS a ON a.id = v.area_id JOIN area AS p ON p.id = v.parent_id
            WHERE upper_inf(v.valid) AND v.kind = 'general' GROUP BY a.level HAVING count(DISTINCT p.level) > 1);
    END IF;
    IF many THEN
        families := ARRAY(
            SELECT f FROM unnest(families) AS f
            WHERE NOT f.level = ANY (mixed) AND NOT EXISTS (
                SELECT FROM area_version AS p JOIN accepted_finding AS x ON x.geom && p.geom
                WHERE p.area_id = f.parent AND upper_inf(p.valid) AND in_force(x) AND x.kind <> 'gap'));
    END IF;
    alone := ARRAY(
        SELECT c.now_id FROM unnest(changes) AS c
        WHERE c.now_id IS NOT NULL AND (c.kind = 'special' OR NOT c.level = ANY (conserved) AND (
            NOT many OR c.now_parent IS NULL
            OR (c.now_parent, c.level) NOT IN (SELECT f.parent, f.level FROM unnest(families) AS f))));
    PERFORM take_coverage_locks(ARRAY(SELECT * FROM locks_without_parent(
        alone, beyond, ARRAY(SELECT c.now_id FROM unnest(changes) AS c WHERE c.noded))));
    FOR bad IN SELECT * FROM new_overlaps(alone, mend) LIMIT 1 LOOP
        PERFORM refuse_coverage('two areas would overlap', bad.one, bad.other, bad.piece);
    END LOOP;
END
$$;

CREATE FUNCTION keep_coverage() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
    conserved := ARRAY(SELECT * FROM conserved_levels(changes));
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

CREATE FUNCTION keep_sealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gridwarden, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM area_version WHERE upper(valid) = not_yet() AND NOT upper_inf(valid)) THEN
        RAISE EXCEPTION 'an area was ended without an edition' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER coverage_is_kept AFTER INSERT ON coverage_due DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keep_coverage();
CREATE CONSTRAINT TRIGGER editions_are_sealed AFTER INSERT ON coverage_due DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION keep_sealed();

GRANT SELECT, INSERT ON plan, plan_draft, plan_event, plan_area, lineage TO gridwarden_app;
GRANT UPDATE (state, reviewer, draft, title, effective_date, publish_not_before, edition) ON plan TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;
