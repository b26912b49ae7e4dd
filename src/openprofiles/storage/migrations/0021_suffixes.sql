-- Suffixes behind first names are read as such now: what was kept of profiles before is made anew.
insert into match_index_work (domain_id, empties, fills, position)
select domain_id, true, true, '00000000-0000-0000-0000-000000000000' from domains
where exists (select from match_index where match_index.domain_id = domains.domain_id)
-- What is being emptied because nobody matches any more is not filled again.
on conflict (domain_id) do update set empties = true, position = excluded.position;
