-- People look for others by the beginning of a last name. Bounded: an index takes no long values, and whatever a source sends is stored.
-- In a domain that has a key the fields are one sealed text, which has no such members.

create index profiles_by_name on profiles (
    domain_id,
    lower(left(fields ->> 'LastName', 100) collate "C"),
    lower(left(coalesce(fields ->> 'FirstName', ''), 100) collate "C"),
    profile_id
) where fields ->> 'LastName' is not null;

create index profiles_by_business on profiles (
    domain_id, lower(left(fields ->> 'BusinessName', 100) collate "C"), profile_id
) where fields ->> 'BusinessName' is not null;
