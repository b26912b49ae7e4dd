"""What happens to the rules' keys when profiles change, and to the rules when their domain does."""

from collections.abc import Sequence
from dataclasses import replace

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import FIRST, Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context, DomainChange, ProfileChange
from openprofiles.features.rules import store
from openprofiles.features.rules.rule import Rules, compile_rules
from openprofiles.features.rules.store import RuleKey, State


def follow_profiles(context: Context, change: ProfileChange) -> None:
    """Have changed profiles offer what their fields say now, in the transaction of the change.

    What may be merged by it is noted, and merged once the transaction is committed.
    """
    rules = compile_rules(change.configuration)
    if rules is None:
        return
    keys = [
        RuleKey(level, value, profile_id)
        for profile_id, fields in change.written.items()
        for level, value in rules.values(fields)
    ]
    store.replace_keys(
        context.transaction, change.domain_id, keys, [*change.written, *change.removed]
    )
    due = sorted({key.profile_id for key in keys if key.level <= rules.merging_level})
    if due:
        _merge_afterwards(context, change.domain_id, change.domain_name, due)


def forget_profiles(context: Context, domain: domains.Domain, profile_ids: Sequence[Id]) -> None:
    """Profiles that are gone for good offer nothing, also while rules are off or changing."""
    store.delete_of(context.transaction, domain.id, profile_ids)


def look_again(context: Context, domain: domains.Domain, profile_ids: Sequence[Id]) -> None:
    """Merge what profiles match, if the rules merge anything, once the transaction is committed."""
    rules = compile_rules(domain.configuration)
    if rules is not None and rules.merging_level:
        _merge_afterwards(context, domain.id, domain.name, profile_ids)


def _merge_afterwards(
    context: Context, domain_id: int, domain_name: str, profile_ids: Sequence[Id]
) -> None:
    store.note_merges_due(context.transaction, domain_id, profile_ids)
    follow = {"DomainName": domain_name, "ProfileIds": profile_ids}
    context.afterwards.append(("MergeRuleMatches", follow))


def follow_domain(context: Context, change: DomainChange) -> None:
    """Begin to apply rules that are new or changed; BadRequest while their like is locked."""
    before, after = compile_rules(change.before), compile_rules(change.after)
    if before is None and after is None:
        return
    state = store.find_state(context.transaction, change.domain_id) or State(
        version=0, status="ACTIVE", started_at=context.now, updated_at=context.now
    )
    block = "RuleBasedMatching"
    if before is not None and change.before[block] != change.after[block]:
        _require_unlocked(context, state)
    if after is None:
        _save(context, change.domain_id, replace(state, status="DISABLED"))
        _apply_afterwards(context, change)
    elif before is None or _needs_new_edition(before, after) or _is_hidden_otherwise(change):
        _begin(context, change, state)


def _begin(context: Context, change: DomainChange, state: State) -> None:
    """Rules of a domain without profiles are in force at once; others wait to be applied."""
    # Keys of rules that were switched off may still be on their way out.
    waits = state.status == "DISABLED" or profiles.has_profiles(
        context.transaction, change.domain_id
    )
    _save(
        context,
        change.domain_id,
        replace(
            state,
            version=state.version + 1,
            status="PENDING" if waits else "ACTIVE",
            started_at=context.now,
        ),
    )
    if waits:
        _apply_afterwards(context, change)


def _apply_afterwards(context: Context, change: DomainChange) -> None:
    """So that a small domain is done when the call returns; the job does the others."""
    context.afterwards.append(("ApplyRules", {"DomainName": change.domain_name}))


def _save(context: Context, domain_id: int, state: State) -> None:
    fresh = replace(state, position=FIRST, profiles=0, updated_at=context.now)
    store.save_state(context.transaction, domain_id, fresh)


def _needs_new_edition(before: Rules, after: Rules) -> bool:
    """Whether profiles offer something else than before, or more of it is to be merged."""
    return not before.offer_the_same(after) or after.merging_level > before.merging_level


def _is_hidden_otherwise(change: DomainChange) -> bool:
    """Whether what profiles offer is stored in another way: the domain got a key, or lost it."""
    name = "DefaultEncryptionKey"
    return (name in change.before) != (name in change.after)


def _require_unlocked(context: Context, state: State) -> None:
    if state.status == "IN_PROGRESS":
        raise BadRequest(
            "RuleBasedMatching cannot be changed while its rules are applied to existing profiles"
        )
    seconds = context.settings.rules_locked_seconds
    age = (context.now - state.updated_at).total_seconds()
    if state.status == "ACTIVE" and age < seconds:
        raise BadRequest(
            f"RuleBasedMatching can be changed {seconds} seconds after its rules became active"
        )
