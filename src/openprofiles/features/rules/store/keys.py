"""What profiles offer to the levels of the rules.

The keys of one version of a domain's rules have levels of their own (`Edition.code`), so that keys
of rules that were changed meet nobody until they are gone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from openprofiles.core.ids import Id
from openprofiles.features.rules.rule import LEVELS
from openprofiles.storage.database import Pending, Transaction
from openprofiles.storage.encryption import cipher_of
from openprofiles.storage.inserting import Table, insert

EDITIONS = 2000
"""Editions are counted in a circle: 16 levels each have room in a smallint, and rows of an edition
are gone long before its number comes again.
"""

_KEYS = Table("rule_keys", {"level": "smallint", "value": "uuid", "profile_id": "uuid"})


class RuleKey(NamedTuple):
    """A profile offers a value to a level."""

    level: int
    value: Id
    profile_id: Id


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the rules of a domain, as far as keys know it."""

    domain_id: int
    version: int

    def code(self, level: int) -> int:
        """What stands for a level of this edition in the table."""
        return self.version % EDITIONS * (LEVELS + 1) + level


def hidden(transaction: Transaction, domain_id: int, keys: Iterable[RuleKey]) -> Iterable[RuleKey]:
    """Keys as they are stored: of a domain that has a key, nobody else can compute their values."""
    transaction.has_looked_up = True
    cipher = cipher_of(transaction, domain_id)
    if cipher is None:
        return keys
    return [key._replace(value=cipher.hidden_id(key.value)) for key in keys]


def replace_keys(
    transaction: Transaction, domain_id: int, keys: Sequence[RuleKey], profile_ids: Iterable[Id]
) -> Pending:
    """Have the profiles offer these keys and no others; `level` is a level, not yet a code.

    A domain without a state has no rules in force, and gets no keys.
    """
    stored = hidden(transaction, domain_id, keys)
    return transaction.send(
        f"""
        with wanted as (
            select (edition.base + row.level)::smallint as level, row.value, row.profile_id
            from json_to_recordset(%s::json) as row (level smallint, value uuid, profile_id uuid)
            cross join (
                select version::integer %% {EDITIONS} * {LEVELS + 1} as base
                from rule_states where domain_id = %s
            ) as edition
        ), gone as (
            delete from rule_keys as held using (
                select %s::integer as domain_id, id from unnest(%s::uuid[]) as id offset 0
            ) as profile
            where held.domain_id = profile.domain_id and held.profile_id = profile.id
                and (held.level, held.value, held.profile_id) not in (
                    select level, value, profile_id from wanted)
        )
        insert into rule_keys (domain_id, level, value, profile_id)
        select %s, level, value, profile_id from wanted on conflict do nothing
        """,
        [
            msgspec.json.encode([key._asdict() for key in stored]).decode(),
            domain_id,
            domain_id,
            list(profile_ids),
            domain_id,
        ],
    )


def list_keyed(transaction: Transaction, edition: Edition, *, after: Id, last: Id) -> set[Id]:
    """Profiles after an id and up to another that have keys of an edition already."""
    rows = transaction.rows(
        """
        select distinct profile_id from rule_keys
        where domain_id = %s and profile_id > %s and profile_id <= %s
            and level + 0 between %s and %s
        """,
        [edition.domain_id, after, last, edition.code(1), edition.code(LEVELS)],
    )
    return {row[0] for row in rows}


def add_keys(transaction: Transaction, edition: Edition, keys: Iterable[RuleKey]) -> None:
    """Keys of profiles that have none, in the order of the index that they are spread over."""
    insert(
        transaction,
        _KEYS,
        edition.domain_id,
        sorted(
            (edition.code(level), value, profile_id)
            for level, value, profile_id in hidden(transaction, edition.domain_id, keys)
        ),
    )


def delete_other_keys(
    transaction: Transaction, domain_id: int, edition: Edition | None, *, limit: int
) -> int:
    """Delete keys of all editions but one, up to `limit`; how many went.

    Those that a writer is deleting at the moment are left to it.
    """
    first, last = (edition.code(1), edition.code(LEVELS)) if edition else (-1, -1)
    return transaction.send(
        """
        delete from rule_keys where ctid = any(array(
            select ctid from rule_keys where domain_id = %s and (level < %s or level > %s)
            limit %s for update skip locked))
        """,
        [domain_id, first, last, limit],
    ).count


def delete_of(transaction: Transaction, domain_id: int, profile_ids: Sequence[Id]) -> None:
    """Profiles offer nothing any more, by any rules."""
    transaction.send(
        "delete from rule_keys where domain_id = %s and profile_id = any(%s::uuid[])",
        [domain_id, list(profile_ids)],
    )
    transaction.send(
        "delete from rule_merges_due where domain_id = %s and profile_id = any(%s::uuid[])",
        [domain_id, list(profile_ids)],
    )
