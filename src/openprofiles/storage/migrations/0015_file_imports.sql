-- Files that are sent to the console and imported by the job worker; how far each has come is the row of `imports`
-- with the same id.
create table file_imports (
    domain_id integer not null,
    import_id uuid not null,
    object_type text collate "C" not null,
    file_name text not null,
    size bigint not null,
    bytes_done bigint not null,
    status text collate "C" not null,
    message text,
    started_at timestamptz not null,
    ended_at timestamptz,
    primary key (domain_id, import_id)
);

create index file_imports_open on file_imports (domain_id, import_id) where ended_at is null;
