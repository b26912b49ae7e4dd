"""Changes which keys a domain seals with. The caller owns the domain: nobody writes in it.

What is sealed already stays readable, as each value tells by which key it is; it is sealed anew in
the background. All raise KeyUnavailable when a named key cannot be used, and then nothing changes.
"""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from openprofiles.storage.encryption.cipher import cipher_of
from openprofiles.storage.encryption.data_keys import (
    Scope,
    change_state,
    list_keys,
    make_key,
    note_work,
    rewrap,
)
from openprofiles.storage.encryption.state import State

if TYPE_CHECKING:
    from openprofiles.storage.database import Transaction


def use_domain_key(
    transaction: "Transaction", scope: Scope, named_key: str | None, *, is_new: bool, now: datetime
) -> None:
    """A domain names another key, or none any more; a new one has nothing to seal anew."""
    state = _state(transaction, scope)
    if named_key is None:
        after = replace(state, values=None, index=None, is_turning=True, former_index=state.index)
    else:
        after = _with_domain_key(transaction, scope, state, named_key, now=now)
    _change(transaction, scope, after, is_new=is_new, now=now)


def use_type_key(
    transaction: "Transaction", scope: Scope, named_key: str | None, *, now: datetime
) -> bool:
    """An object type names a key, the same as before perhaps, or none; whether that changed
    anything.
    """
    state = _state(transaction, scope)
    object_type = scope.object_type or ""
    number = state.types.get(object_type)
    if named_key is None and number is None:
        return False
    named = {key.number: key.named_key for key in list_keys(transaction, scope.domain_id)}
    if number is not None and named_key == named[number]:
        return False
    types = {name: key for name, key in state.types.items() if name != object_type}
    if named_key is not None:
        types[object_type] = make_key(transaction, scope, named_key, "values", now=now)
    _change(transaction, scope, replace(state, types=types), is_new=False, now=now)
    return True


def renew_keys(transaction: "Transaction", scope: Scope, *, now: datetime) -> None:
    """Fresh data keys for a domain and its types, under the keys that they name."""
    state = _state(transaction, scope)
    named = {key.number: key.named_key for key in list_keys(transaction, scope.domain_id)}
    if state.values is not None:
        state = _with_domain_key(transaction, scope, state, named[state.values], now=now)
    types = {
        name: make_key(
            transaction, replace(scope, object_type=name), named[number], "values", now=now
        )
        for name, number in state.types.items()
    }
    _change(transaction, scope, replace(state, types=types), is_new=False, now=now)


def _with_domain_key(
    transaction: "Transaction", scope: Scope, state: State, named_key: str, *, now: datetime
) -> State:
    """A fresh key for values. The one for tokens stays, as all that is looked up would have to turn
    with it; it is wrapped anew.
    """
    number = make_key(transaction, scope, named_key, "values", now=now)
    if state.index is not None:
        rewrap(transaction, scope, state.index, named_key, now=now)
        return replace(state, values=number)
    index = make_key(transaction, scope, named_key, "index", now=now)
    return replace(state, values=number, index=index, is_turning=True, former_index=None)


def _change(
    transaction: "Transaction", scope: Scope, state: State, *, is_new: bool, now: datetime
) -> None:
    if is_new:
        change_state(transaction, scope, replace(state, is_turning=False))
        return
    change_state(transaction, scope, replace(state, is_resealing=True))
    note_work(transaction, scope.domain_id, now=now)


def _state(transaction: "Transaction", scope: Scope) -> State:
    cipher = cipher_of(transaction, scope.domain_id)
    return cipher.state if cipher else State()
