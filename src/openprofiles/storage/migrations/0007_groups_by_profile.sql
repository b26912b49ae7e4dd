-- All that a look-up asks of a profile's group, so that no plan, however old its statistics, reads a whole result instead.

drop index match_groups_by_profile;
create index match_groups_by_profile on match_groups (domain_id, profile_id, job_id) include (match_id);
