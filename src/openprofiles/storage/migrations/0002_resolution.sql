-- Identity resolution: receipts of merges, what matching rules and the model found, and what people decided.

-- One merge of profiles into another: who or what did it and why, what lost, and what an undo needs to give back
-- exactly what was there.
create table merges (
    domain_id integer not null,
    merge_id uuid not null,
    main_id uuid not null,
    merged_ids uuid[] not null,
    merged_at timestamptz not null,
    -- call, rule or matching
    cause text collate "C" not null,
    principal text not null,
    request_id text not null,
    -- Rule level, job, model and evidence; the values that lost.
    receipt jsonb not null,
    -- The profiles as they were, and which objects, records and keys moved.
    before jsonb not null,
    undone_at timestamptz,
    undone_by text,
    primary key (domain_id, merge_id)
);

create index merges_by_main on merges (domain_id, main_id);

-- The values that a profile offers to a level of the domain's matching rules, as digests: whoever shares one matches.
create table rule_keys (
    domain_id integer not null,
    level smallint not null,
    value uuid not null,
    profile_id uuid not null,
    primary key (domain_id, level, value, profile_id)
);

create index rule_keys_by_profile on rule_keys (domain_id, profile_id);

-- How far the rules of a domain have been applied to the profiles that were there before them.
create table rule_states (
    domain_id integer primary key,
    -- Of the rules: changes when they do.
    version text collate "C" not null,
    status text collate "C" not null,
    -- The last profile that was done, and how many.
    position uuid not null,
    profiles bigint not null,
    started_at timestamptz not null,
    updated_at timestamptz not null
);

-- Profiles whose matches are still to be merged by rule; gone when that is done.
create table rule_merges_due (
    domain_id integer not null,
    profile_id uuid not null,
    primary key (domain_id, profile_id)
);

create table identity_resolution_jobs (
    domain_id integer not null,
    job_id uuid not null,
    status text collate "C" not null,
    message text,
    -- schedule or request
    cause text collate "C" not null,
    -- AutoMerging and ExportingLocation as they were when it ran.
    configuration jsonb not null,
    statistics jsonb not null,
    -- Step, how much of it is done, when each began.
    progress jsonb not null,
    model_version text collate "C",
    starts_at timestamptz not null,
    ended_at timestamptz,
    updated_at timestamptz not null,
    expires_at timestamptz,
    primary key (domain_id, job_id)
);

-- The match groups of a run; `match_id` counts from 0 in it.
create table match_groups (
    domain_id integer not null,
    job_id uuid not null,
    match_id integer not null,
    profile_id uuid not null,
    -- Of the group.
    confidence real not null,
    primary key (domain_id, job_id, match_id, profile_id)
);

create index match_groups_by_profile on match_groups (domain_id, profile_id);

-- What a run learned: weights, and how many profiles it learned from.
create table match_models (
    domain_id integer not null,
    job_id uuid not null,
    model json not null,
    size integer not null,
    made_at timestamptz not null,
    primary key (domain_id, job_id)
);

-- What a run found out about values: how often names and towns are there, whose phones and addresses are.
create table match_values (
    domain_id integer not null,
    job_id uuid not null,
    kind smallint not null,
    value text collate "C" not null,
    number integer not null,
    primary key (domain_id, job_id, kind, value)
);

-- Pairs that a person said are not the same; `one` is the smaller id.
create table match_decisions (
    domain_id integer not null,
    one uuid not null,
    other uuid not null,
    decided_at timestamptz not null,
    principal text not null,
    request_id text not null,
    primary key (domain_id, one, other)
);

create index match_decisions_by_other on match_decisions (domain_id, other);

-- Rules that were given before anything evaluated them.
insert into rule_states (domain_id, version, status, position, profiles, started_at, updated_at)
select domain_id, '1', 'PENDING', '00000000-0000-0000-0000-000000000000', 0, now(), now()
from domains where configuration -> 'RuleBasedMatching' ->> 'Enabled' = 'true';
