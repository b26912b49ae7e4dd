-- For looking up at once whom a profile is like: its values made comparable, and the keys that candidates share.

create table match_index (
    domain_id integer not null,
    profile_id uuid not null,
    features json not null,
    keys bigint[] not null,
    primary key (domain_id, profile_id)
);

create table match_keys (
    domain_id integer not null,
    key bigint not null,
    profile_id uuid not null,
    primary key (domain_id, key, profile_id)
);

-- Domains whose index has to be emptied, filled, or both; gone when that is done.
create table match_index_work (
    domain_id integer not null,
    empties boolean not null,
    fills boolean not null,
    -- The last profile that was put into it.
    position uuid not null,
    primary key (domain_id)
);
