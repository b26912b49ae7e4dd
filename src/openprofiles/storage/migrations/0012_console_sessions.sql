-- Sessions of people in the console. They see all domains of an account, so no domain owns them.

create table console_sessions (
    account_id text collate "C" not null,
    -- SHA-256 of the token in the browser's cookie.
    token_hash bytea not null,
    -- Whoever signed in: the same in all their sessions.
    subject text collate "C" not null,
    principal text not null,
    principal_arn text not null,
    -- One of the two says what they may do.
    access_key_id text,
    role text,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    -- A cookie does not say whose account it is, so the token alone finds the session.
    primary key (token_hash)
);

create index console_sessions_by_subject on console_sessions (account_id, subject);
