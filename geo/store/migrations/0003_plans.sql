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

GRANT SELECT, INSERT ON plan, plan_draft, plan_event, plan_area, lineage TO gridwarden_app;
GRANT UPDATE (state, reviewer, draft, title, effective_date, publish_not_before, edition) ON plan TO gridwarden_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA gridwarden TO gridwarden_app;
