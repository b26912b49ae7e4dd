"""Applies the rules of a domain to the profiles that were there before them: step by step, each
committed by itself, so that whoever is killed goes on where the last step ended.

    PENDING -> IN_PROGRESS: keys of earlier rules go, then profiles are keyed in the order of their
    ids, then matches are merged -> ACTIVE
    DISABLED: all keys go, then the state
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from openprofiles.core.ids import LAST, Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.rules import store
from openprofiles.features.rules.rule import Rules, compile_rules
from openprofiles.features.rules.store import Edition, RuleKey, State

PROFILES_AT_ONCE = 5000
KEYS_DELETED_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Portion:
    """The next profiles to key, read without a lock; `versions` are those of their rows."""

    keys: Sequence[RuleKey]
    versions: dict[Id, str]
    last: Id


def apply_rules(context: Context, domain_name: str) -> None:
    """Do the next step for a domain; nothing when there is nothing to do, or another does it.

    Profiles are read and their values computed while others write; only then do writers wait for
    the keys to be stored. A profile that was written meanwhile has had its keys stored by who wrote
    it.
    """
    before = domains.require(context, domain_name)
    state = store.find_state(context.transaction, before.id)
    rules = compile_rules(before.configuration)
    if state is None or not _is_due(context, state):
        return
    portion = _read(context, before.id, rules, state) if rules else None
    domain = domains.own(context, domain_name)
    if state != store.find_state(context.transaction, domain.id):
        return
    if rules is None or portion is None:
        _clear(context, domain.id, None)
    elif state.position == LAST:
        finish(context, domain)
    else:
        _apply(context, domain, rules, state, portion)


def finish(context: Context, domain: domains.Domain) -> None:
    """Rules that were only waiting for their matches to be merged are in force."""
    state = store.find_state(context.transaction, domain.id)
    if state is not None and state.status == "IN_PROGRESS" and state.position == LAST:
        done = replace(state, status="ACTIVE", updated_at=context.now)
        store.save_state(context.transaction, domain.id, done)


def pending_since(context: Context) -> datetime:
    """Rules that wait since then or longer are due."""
    return context.now - timedelta(seconds=context.settings.rules_wait_seconds)


def _is_due(context: Context, state: State) -> bool:
    waits = state.status == "PENDING" and state.updated_at > pending_since(context)
    return state.status != "ACTIVE" and not waits


def _read(context: Context, domain_id: int, rules: Rules, state: State) -> Portion:
    rows = profiles.list_page_of_fields(
        context.transaction, domain_id, after=state.position, limit=PROFILES_AT_ONCE
    )
    return Portion(
        _keys(rules, {profile_id: fields for profile_id, fields, _ in rows}),
        {profile_id: version for profile_id, _, version in rows},
        rows[-1][0] if len(rows) == PROFILES_AT_ONCE else LAST,
    )


def _apply(
    context: Context, domain: domains.Domain, rules: Rules, state: State, portion: Portion
) -> None:
    domain_id, edition = domain.id, Edition(domain.id, state.version)
    started = state
    if state.status == "PENDING":
        started = replace(state, status="IN_PROGRESS", started_at=context.now)
    if state.profiles == 0 and not _clear(context, domain_id, edition):
        store.save_state(context.transaction, domain_id, replace(started, updated_at=context.now))
        return
    keys = _still_to_add(context, domain, edition, rules, state.position, portion)
    store.add_keys(context.transaction, edition, keys)
    merging = [key for key in keys if key.level <= rules.merging_level]
    if merging:
        store.note_sharing_merges_due(context.transaction, edition, merging)
    is_done = portion.last == LAST and not rules.merging_level
    if portion.last == LAST and rules.merging_level:
        context.afterwards.append(("MergeRuleMatches", {"DomainName": domain.name}))
    store.save_state(
        context.transaction,
        domain_id,
        replace(
            started,
            status="ACTIVE" if is_done else "IN_PROGRESS",
            position=portion.last,
            profiles=state.profiles + len(portion.versions),
            updated_at=context.now,
        ),
    )


def _still_to_add(
    context: Context,
    domain: domains.Domain,
    edition: Edition,
    rules: Rules,
    after: Id,
    portion: Portion,
) -> list[RuleKey]:
    """The keys of a portion's profiles that no writer has keyed since the rules are those of this
    edition; who was written meanwhile is read again. The domain is owned.
    """
    transaction, domain_id = context.transaction, domain.id
    last = max(portion.versions, default=after)
    now = profiles.list_versions(transaction, domain_id, after=after, last=last)
    keyed = store.list_keyed(transaction, edition, after=after, last=last)
    waiting = now.keys() - keyed
    unchanged = {one for one in waiting if now[one] == portion.versions.get(one)}
    changed = profiles.read_fields(context, domain, waiting - unchanged)
    return [
        *(key for key in portion.keys if key.profile_id in unchanged),
        *_keys(rules, changed),
    ]


def _keys(rules: Rules, fields: Mapping[Id, Mapping[str, Any]]) -> list[RuleKey]:
    return [
        RuleKey(level, value, profile_id)
        for profile_id, own in fields.items()
        for level, value in rules.values(own)
    ]


def _clear(context: Context, domain_id: int, edition: Edition | None) -> bool:
    """Delete some of the keys that are not of an edition; True when none is left.

    Without an edition, nothing of the rules is left then.
    """
    limit = KEYS_DELETED_AT_ONCE
    deleted = store.delete_other_keys(context.transaction, domain_id, edition, limit=limit)
    if deleted < limit and edition is None:
        store.forget(context.transaction, domain_id)
    return deleted < limit
