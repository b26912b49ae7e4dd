"""This room's SQL: keys of profiles, who shares them, states of rules, notes of what to merge."""

from openprofiles.features.rules.store.due import (
    count_merges_due,
    delete_merges_due,
    find_domain_with_merges_due,
    find_merges_due,
    list_merges_due,
    note_merges_due,
    note_sharing_merges_due,
)
from openprofiles.features.rules.store.keys import (
    Edition,
    RuleKey,
    add_keys,
    delete_of,
    delete_other_keys,
    list_keyed,
    replace_keys,
)
from openprofiles.features.rules.store.sharing import (
    MOST_HOLDERS,
    count_unusable,
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
    "MOST_HOLDERS",
    "Edition",
    "RuleKey",
    "State",
    "add_keys",
    "count_merges_due",
    "count_unusable",
    "delete_merges_due",
    "delete_of",
    "delete_other_keys",
    "find_at_work",
    "find_domain_with_merges_due",
    "find_holder",
    "find_merges_due",
    "find_state",
    "forget",
    "list_decisions",
    "list_keyed",
    "list_merges_due",
    "list_shared_values",
    "note_merges_due",
    "note_sharing_merges_due",
    "replace_keys",
    "save_state",
    "send_holders",
]
