-- The merges that a profile was merged away in.
create index merges_by_merged on merges using gin (merged_ids);
