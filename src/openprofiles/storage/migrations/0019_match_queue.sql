-- The match groups that wait for somebody, in the order in which people look at them: what a group
-- is to gain is known of all its rows only, which nobody wants to read for a page of twenty.
create table match_queue (
    domain_id integer not null,
    job_id uuid not null,
    match_id integer not null,
    gain double precision not null,
    confidence real not null,
    primary key (domain_id, job_id, match_id)
);
create index match_queue_by_gain on match_queue (domain_id, job_id, gain desc, match_id) include (confidence);

insert into match_queue (domain_id, job_id, match_id, gain, confidence)
select domain_id, job_id, match_id, (count(*) - 1) * max(confidence)::float8, max(confidence)
from match_groups group by domain_id, job_id, match_id having count(*) > 1;
