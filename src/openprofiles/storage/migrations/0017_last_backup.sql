-- When `openprofiles backup` was last done: one row, none before the first.
create table last_backup (
    made_at timestamptz not null primary key,
    size bigint not null
);
