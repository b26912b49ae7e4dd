-- Encryption at rest (ADR 0033): the data keys of domains, wrapped by the keys that their
-- configuration names, and with each domain which of them it seals with.
--
-- A number never comes again: processes keep keys in memory by it.

create table data_keys (
    domain_id integer not null,
    number integer generated always as identity,
    kind text collate "C" not null,
    object_type text collate "C",
    named_key text collate "C" not null,
    wrapped bytea not null,
    made_at timestamptz not null,
    primary key (domain_id, number)
);

alter table domains add column encryption jsonb;

-- Domains whose values are being sealed anew, and how far that is; a row goes when all are.
create table encryption_work (
    domain_id integer primary key,
    position jsonb not null,
    rows bigint not null,
    started_at timestamptz not null,
    updated_at timestamptz not null
);
