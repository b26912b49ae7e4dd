"""This room's SQL: keys of profiles, who shares them, states of rules, notes of what to merge."""

from openprofiles.features.rules.store.keys import (
    Edition,
    RuleKey,
    add_keys,
    delete_other_keys,
    list_keyed,
    replace_keys,
)
from openprofiles.features.rules.store.sharing import (
    find_holder,
    list_decisions,
    list_shared_values,
    send_holders,
)
from openprofiles.features.rules.store.states import (
    State,
    find_at_work,
    find_state,
    forget,
    save_state,
)

__all__ = [
    "Edition",
    "RuleKey",
    "State",
    "add_keys",
    "delete_other_keys",
    "find_at_work",
    "find_holder",
    "find_state",
    "forget",
    "list_decisions",
    "list_keyed",
    "list_shared_values",
    "replace_keys",
    "save_state",
    "send_holders",
]
