"""Seals what a domain holds anew, batch by batch: each batch is a transaction, and says how far it
came, so that whoever is killed loses nothing and another goes on.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from openprofiles.core.ids import FIRST
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.encryption import store
from openprofiles.features.encryption.tables import TABLES, Table
from openprofiles.storage.encryption import Cipher, Scope, change_state, cipher_of, drop_unused

ROWS_AT_ONCE = 500
PROFILES, END = "profiles", "end"

_STEPS = [PROFILES, *(table.name for table in TABLES), END]
_BY_NAME = {table.name: table for table in TABLES}


def continue_in(context: Context, domain_name: str) -> bool:
    """Do the next batch in a domain; whether there is nothing left to do.

    Raises KeyUnavailable, and then nothing has changed.
    """
    domain = domains.require(context, domain_name)
    work = store.find(context.transaction, domain.id)
    if work is None:
        return True
    if work.position.get("table") == END:
        return _finish(context, domain_name)
    domain = domains.require_for_write(context, domain_name)
    work = store.lock(context.transaction, domain.id)
    if work is None or work.position.get("table") == END:
        return False
    cipher = _require_cipher(context, domain)
    name: str = work.position.get("table", PROFILES)
    after: list[Any] | None = work.position.get("after")
    if name == PROFILES:
        rows, last = _do_profiles(context, domain, cipher, after)
    else:
        rows, last = _do_rows(context, domain, cipher, _BY_NAME[name], after)
    following = name if last is not None else _STEPS[_STEPS.index(name) + 1]
    position = {"table": following, "after": last}
    store.advance(context.transaction, domain.id, position, rows=rows, now=context.now)
    return False


def _finish(context: Context, domain_name: str) -> bool:
    """Forget keys that nothing is sealed with any more; nobody writes in the domain meanwhile."""
    domain = domains.own(context, domain_name)
    work = store.lock(context.transaction, domain.id)
    if work is None or work.position.get("table") != END:
        return work is None
    state = replace(
        _require_cipher(context, domain).state,
        is_turning=False,
        former_index=None,
        is_resealing=False,
    )
    scope = Scope(
        domain_id=domain.id, account_id=context.caller.account_id, domain_name=domain.name
    )
    change_state(context.transaction, scope, state)
    drop_unused(context.transaction, domain.id, state)
    store.finish(context.transaction, domain.id)
    return True


def _require_cipher(context: Context, domain: domains.Domain) -> Cipher:
    cipher = cipher_of(context.transaction, domain.id)
    if cipher is None:
        raise AssertionError("A domain that was always in the clear has nothing to seal anew")
    cipher.require()
    return cipher


def _do_profiles(
    context: Context, domain: domains.Domain, cipher: Cipher, after: Sequence[Any] | None
) -> tuple[int, list[Any] | None]:
    """Some profiles with what they hold: how many, and the last of them; None when these are all
    that there are.
    """
    page = profiles.list_page_to_turn(
        context.transaction, domain.id, after=after[0] if after else FIRST
    )
    # Who is locked has turned; what the types' own keys seal is sealed anew in any case.
    profiles.lock_profiles(context.transaction, domain.id, page)
    profiles.turn(context.transaction, domain.id, cipher, page, is_forced=True)
    return len(page), [page[-1]] if page else None


def key_of(columns: Sequence[Any]) -> tuple[Any, ...]:
    """The key of a row as JSON takes it."""
    return tuple(f"\\x{value.hex()}" if isinstance(value, bytes) else value for value in columns)


def _do_rows(
    context: Context,
    domain: domains.Domain,
    cipher: Cipher,
    table: Table,
    after: Sequence[Any] | None,
) -> tuple[int, list[Any] | None]:
    """Some rows of a table, in the same way."""
    page = store.lock_page(context.transaction, domain.id, table, after=after, limit=ROWS_AT_ONCE)
    size, first = len(table.key), len(table.key) + len(table.others)
    changed = []
    for row in page:
        columns = table.seal(cipher, row)
        if columns != tuple(row[first:]):
            changed.append((key_of(row[:size]), columns))
    store.rewrite(context.transaction, domain.id, table, changed)
    return len(page), list(key_of(page[-1][:size])) if len(page) == ROWS_AT_ONCE else None
