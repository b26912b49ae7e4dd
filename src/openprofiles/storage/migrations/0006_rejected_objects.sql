-- Rejected objects that are tried again, letters to dead-letter queues, replays, and events.

alter table rejected_objects
    -- How often it was tried again, and when last.
    add column tries integer default 0 not null,
    add column tried_at timestamptz;

create index rejected_objects_by_type on rejected_objects (domain_id, object_type, rejection_id);

-- What is to be sent to a domain's dead-letter queue; a row goes once it is sent.
create table dead_letters (
    domain_id integer not null,
    letter_id uuid not null,
    object_type text collate "C" not null,
    document text not null,
    reason text not null,
    rejected_at timestamptz not null,
    -- How often the queue refused it.
    attempts integer default 0 not null,
    is_given_up boolean default false not null,
    problem text,
    primary key (domain_id, letter_id)
);

create index dead_letters_waiting on dead_letters (domain_id, letter_id) where not is_given_up;

-- The queues that did not take letters when they were last tried.
create table dead_letter_queues (
    domain_id integer not null,
    failures integer not null,
    problem text not null,
    retry_at timestamptz not null,
    primary key (domain_id)
);

-- Stored objects of a type on their way through its mapping.
create table replays (
    domain_id integer not null,
    replay_id uuid not null,
    object_type text collate "C" not null,
    -- The version of the type that is replayed; null for a template that nobody defined.
    type_version uuid,
    is_dry_run boolean not null,
    status text collate "C" not null,
    message text,
    -- The key of the last object that is done.
    position bytea not null,
    total bigint not null,
    counts jsonb not null,
    started_at timestamptz not null,
    updated_at timestamptz not null,
    ended_at timestamptz,
    primary key (domain_id, replay_id)
);

create index replays_running on replays (domain_id, replay_id) where ended_at is null;

-- Where events come from: an event integration, who sends, and the secret that proves it.
create table event_sources (
    domain_id integer not null,
    name text collate "C" not null,
    kind text collate "C" not null,
    -- Encrypted (storage/sealing.py).
    secret bytea not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (domain_id, name)
);

-- Events that came already: each is taken once.
create table event_deliveries (
    domain_id integer not null,
    delivery_id uuid not null,
    received_at timestamptz not null,
    primary key (domain_id, delivery_id)
);

create index event_deliveries_by_time on event_deliveries using brin (domain_id, received_at);
