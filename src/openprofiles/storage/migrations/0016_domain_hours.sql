-- What a domain held at the end of each hour, and what happened in it.
create table domain_hours (
    domain_id integer not null,
    hour timestamptz not null,
    -- Null where nobody was there to look.
    profiles bigint,
    objects bigint,
    objects_put bigint not null,
    rejected bigint not null,
    matches_found bigint not null,
    merged bigint not null,
    primary key (domain_id, hour)
);
