"""Who shares what, and who was decided apart.

`level + 0` keeps the planner from going through all keys of a level to find those of a profile: of
a domain that is newer than its statistics it believes that there are hardly any.
"""

from collections.abc import Sequence

from openprofiles.core.ids import Id
from openprofiles.features.rules.rule import LEVELS
from openprofiles.features.rules.store.keys import Edition
from openprofiles.storage.database import Pending, Transaction

MOST_HOLDERS = 500
"""A value that more profiles share is not usable (core reference §8.5, Low-cardinality guard)."""


def send_holders(
    transaction: Transaction, edition: Edition, level: int, profile_ids: Sequence[Id]
) -> Pending:
    """Ask for the usable values of profiles on a level, with all who share each: (value, ids).

    Usable is what at least two profiles share, and no more than MOST_HOLDERS.
    """
    code = edition.code(level)
    return transaction.send(
        f"""
        select own.value, holders.ids from (
            select distinct held.value from (
                select %s::integer as domain_id, id from unnest(%s::uuid[]) as id offset 0
            ) as profile cross join lateral (
                select value from rule_keys
                where domain_id = profile.domain_id and profile_id = profile.id and level + 0 = %s
                offset 0
            ) as held
        ) as own cross join lateral (
            select array_agg(profile_id) as ids from (
                select profile_id from rule_keys
                where domain_id = %s and level = %s and value = own.value
                limit {MOST_HOLDERS + 1}
            ) as holder
        ) as holders
        where cardinality(holders.ids) between 2 and {MOST_HOLDERS}
        """,
        [edition.domain_id, list(profile_ids), code, edition.domain_id, code],
    )


def find_holder(transaction: Transaction, edition: Edition, level: int, value: Id) -> Id | None:
    """One of the profiles that offer a value to a level."""
    row = transaction.row(
        """
        select profile_id from rule_keys
        where domain_id = %s and level = %s and value = %s order by profile_id limit 1
        """,
        [edition.domain_id, edition.code(level), value],
    )
    return row[0] if row else None


def list_shared_values(
    transaction: Transaction, edition: Edition, level: int, *, start: Id, limit: int, scan: int
) -> tuple[list[tuple[Id, Id]], Id | None]:
    """The next usable values of a level from `start` on, each with one who holds it, and where to
    go on; None = the level has no more.

    Looks at no more than `scan` keys, so that it may find fewer than there are.
    """
    code = edition.code(level)
    window = [edition.domain_id, code, start, scan]
    rows = transaction.rows(
        f"""
        select value, (array_agg(profile_id))[1] from (
            select value, profile_id from rule_keys
            where domain_id = %s and level = %s and value >= %s order by value, profile_id limit %s
        ) as key
        group by value having count(*) between 2 and {MOST_HOLDERS} order by value limit %s
        """,
        [*window, limit],
    )
    found = [(value, profile_id) for value, profile_id in rows]
    if len(found) == limit:
        return found, _next(found[-1][0])
    edge = transaction.row(
        """
        select value from rule_keys
        where domain_id = %s and level = %s and value >= %s order by value, profile_id
        limit 1 offset %s - 1
        """,
        window,
    )
    if edge is None:
        return found, None
    # Not all holders of the last value have been seen: begin with it, unless it fills the window.
    last = edge[0]
    kept = [(value, profile_id) for value, profile_id in found if value != last]
    return kept, last if last > start else _next(last)


def _next(value: Id) -> Id | None:
    number = int(value, 16) + 1
    return f"{number:032x}" if number < 1 << 128 else None


def list_decisions(
    transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]
) -> set[tuple[Id, Id]]:
    """Pairs of these profiles that a person decided apart, the smaller id first; who undoes a merge
    has decided, too.

    A decision about a profile that was merged since counts for the one it was merged into.
    """
    rows = transaction.rows(
        """
        with recursive standing (profile_id, id) as (
            select id, id from unnest(%s::uuid[]) as id
            union
            select standing.profile_id, merged.id
            from standing
            join merges on merges.domain_id = %s and merges.main_id = standing.id
                and merges.undone_at is null
            cross join lateral unnest(merges.merged_ids) as merged (id)
        ), apart (profile_id, id) as (
            select standing.profile_id, decision.other
            from standing
            join match_decisions as decision
                on decision.domain_id = %s and decision.one = standing.id
            union all
            select standing.profile_id, merged.id
            from standing
            join merges on merges.domain_id = %s and merges.main_id = standing.id
                and merges.undone_at is not null
            cross join lateral unnest(merges.merged_ids) as merged (id)
        )
        select distinct apart.profile_id, other.profile_id
        from apart join standing as other on other.id = apart.id
        where apart.profile_id <> other.profile_id
        """,
        [list(profile_ids), domain_id, domain_id, domain_id],
    )
    return {(min(one, other), max(one, other)) for one, other in rows}


def count_unusable(transaction: Transaction, edition: Edition) -> dict[int, tuple[int, int]]:
    """What too many profiles share, by level: how many values, and how many profiles have no other
    value there, so that nothing is matched.
    """
    rows = transaction.rows(
        f"""
        with crowded as materialized (
            select level, value from rule_keys
            where domain_id = %s and level between %s and %s
            group by level, value having count(*) > {MOST_HOLDERS}
        ), concerned as (
            select distinct held.level, held.profile_id from crowded
            cross join lateral (
                select level, profile_id from rule_keys
                where domain_id = %s and level = crowded.level and value = crowded.value offset 0
            ) as held
        )
        select level, count(*), (
            select count(*) from concerned
            where concerned.level = crowded.level and not exists (
                select from rule_keys as other
                where other.domain_id = %s and other.profile_id = concerned.profile_id
                    and other.level + 0 = concerned.level
                    and (other.level, other.value) not in (select level, value from crowded))
        )
        from crowded group by level
        """,
        [
            edition.domain_id,
            edition.code(1),
            edition.code(LEVELS),
            edition.domain_id,
            edition.domain_id,
        ],
    )
    return {code - edition.code(0): (values, profiles) for code, values, profiles in rows}
