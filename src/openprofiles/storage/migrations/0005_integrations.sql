-- Integrations: what feeds a domain, its runs, historical imports, and how sources are reached.

create table integrations (
    domain_id integer not null,
    uri text collate "C" not null,
    -- The members that callers gave and see again.
    members jsonb not null,
    -- The FlowDefinition, null for a source that was named by its Uri.
    flow jsonb,
    -- How far incremental pulls have come; null before the first page.
    bookmark jsonb,
    -- When the next run is due; null without a schedule.
    next_run_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (domain_id, uri)
);

create index integrations_by_uri on integrations (uri, domain_id);
create index integrations_due on integrations (next_run_at) where next_run_at is not null;

create table integration_runs (
    domain_id integer not null,
    run_id uuid not null,
    uri text collate "C" not null,
    -- The historical import that this run is a step of.
    workflow_id uuid,
    cause text collate "C" not null,
    status text collate "C" not null,
    -- What is read: the mode, and the bounds of a step.
    plan jsonb not null,
    runner text collate "C",
    -- Beginnings since a page was stored.
    attempts integer not null,
    -- Records that are done, and what became of them.
    position bigint not null,
    counts jsonb not null,
    bookmark jsonb,
    -- What is done of the page behind the bookmark, when a page was cut.
    part jsonb,
    message text,
    is_stopping boolean not null,
    created_at timestamptz not null,
    starts_at timestamptz not null,
    began_at timestamptz,
    updated_at timestamptz not null,
    ended_at timestamptz,
    primary key (domain_id, run_id)
);

create index integration_runs_by_uri on integration_runs (domain_id, uri, run_id);
create index integration_runs_by_workflow on integration_runs (domain_id, workflow_id, run_id)
    where workflow_id is not null;
create index integration_runs_due on integration_runs (starts_at) where ended_at is null;

create table integration_workflows (
    domain_id integer not null,
    workflow_id uuid not null,
    status text collate "C" not null,
    uri text collate "C" not null,
    members jsonb not null,
    tags jsonb not null,
    flow jsonb not null,
    message text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,
    primary key (domain_id, workflow_id)
);

create table source_connections (
    domain_id integer not null,
    name text collate "C" not null,
    kind text collate "C" not null,
    settings jsonb not null,
    -- Encrypted (storage/sealing.py).
    secrets bytea not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (domain_id, name)
);
