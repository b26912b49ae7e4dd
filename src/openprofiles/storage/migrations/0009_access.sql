-- Access keys and policies. They are of accounts; the id of a key is all that a request says of it.

create table access_keys (
    access_key_id text collate "C" not null,
    account_id text not null,
    -- Who it is in logs, the journal and policies; several keys may have one name.
    name text not null,
    -- The secret, and the session token of a temporary key, encrypted.
    sealed bytea not null,
    -- Names of built-in policies and of policies of the account.
    policies text[] not null,
    inline_policy text,
    is_enabled boolean not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    last_used_operation text,
    last_used_address text,
    primary key (access_key_id)
);

create index access_keys_by_account on access_keys (account_id, access_key_id);

create table access_policies (
    account_id text not null,
    name text collate "C" not null,
    document text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, name)
);
