-- What callers did, by operation: of an account, so that it survives the domain.

create table acts (
    account_id text collate "C" not null,
    act_id uuid not null,
    at timestamptz not null,
    operation text collate "C" not null,
    domain_name text collate "C",
    subject text,
    principal text not null,
    principal_arn text,
    request_id text not null,
    primary key (account_id, act_id)
);
create index acts_by_domain on acts (account_id, domain_name, act_id);
