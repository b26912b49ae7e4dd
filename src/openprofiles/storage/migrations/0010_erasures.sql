-- Receipts of erasures, and the tombstones that keep erased people out.

create table erasures (
    domain_id integer not null,
    erasure_id uuid not null,
    erased_at timestamptz not null,
    finished_at timestamptz,
    profile_ids uuid[] not null,
    principal text not null,
    principal_arn text,
    request_id text not null,
    counts jsonb not null,
    digest text collate "C",
    -- What is still looked for, sealed, and how far; both go when the erasure is done.
    pending bytea,
    position jsonb,
    tombstone_values integer not null,
    lifted_at timestamptz,
    lifted_by text,
    primary key (domain_id, erasure_id)
);
create index erasures_unfinished on erasures (domain_id, erasure_id) where finished_at is null;

-- Keyed digests of key values that no object may bring.
create table tombstone_values (
    domain_id integer not null,
    digest bytea not null,
    erasure_id uuid not null,
    primary key (domain_id, digest, erasure_id)
);
create index tombstone_values_by_erasure on tombstone_values (domain_id, erasure_id);
create table tombstone_keys (
    domain_id integer primary key,
    sealed bytea not null
);
alter table domains add column has_tombstones boolean not null default false;
