-- Profile history: what happened to a profile is found by its id, and documents of versions that
-- are gone are kept beside it.

alter table journal add column principal_arn text;
create index journal_by_profile on journal (domain_id, profile_id, entry_id) where profile_id is not null;

create table former_objects (
    domain_id integer not null,
    object_type text collate "C" not null,
    unique_key bytea not null,
    written_id uuid not null,
    profile_id uuid not null,
    document text not null,
    gone_at timestamptz not null,
    primary key (domain_id, object_type, unique_key, written_id)
);
create index former_objects_by_profile on former_objects (domain_id, profile_id);
create index former_objects_by_time on former_objects using brin (domain_id, gone_at);
