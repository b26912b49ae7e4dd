-- An import of a sent file that failed for a reason that may pass is tried again later: how often it failed since it
-- last went on, and when it is tried next.
alter table file_imports
    add column failures integer not null default 0,
    add column retry_at timestamptz;
