"""Tombstones: the key values of an erased person bring no profile back.

A value is kept as its HMAC under a key that only the service can open: who reads the table cannot
tell whose values they are, nor find out by guessing.
"""

import hmac
import secrets
from collections.abc import Iterable
from functools import lru_cache

from openprofiles.core.ids import Id
from openprofiles.core.settings import Settings
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import store
from openprofiles.features.profiles.working_set import Key
from openprofiles.storage.sealing import open_seal

STOPPED = "A tombstone of an erased person stops this object"

SHARED_BY_MANY = frozenset({"_fullName"})
"""Keys whose values say nothing of one person alone: namesakes have them, too."""

WITHOUT_VALUES = "{}"
"""What is kept of an object that a tombstone stops: that there was one, not what it said."""


def add_tombstone(
    context: Context, domain: domains.Domain, erasure_id: Id, keys: Iterable[Key]
) -> int:
    """Stop objects with one of these key values from now on; how many values that are. The caller
    owns the domain.
    """
    wanted = [key for key in keys if key[0] not in SHARED_BY_MANY]
    if wanted:
        secret = _find_secret(context, domain) or _make_secret(context, domain)
        digests = sorted({_digest(secret, key) for key in wanted})
        store.insert_tombstone(context.transaction, domain.id, erasure_id, digests)
    return len(wanted)


def lift_tombstone(context: Context, domain: domains.Domain, erasure_id: Id) -> None:
    """Take objects with the values of an erased person again. The caller owns the domain."""
    store.delete_tombstone(context.transaction, domain.id, erasure_id)


def find_stopped(context: Context, domain: domains.Domain, keys: Iterable[Key]) -> set[Key]:
    """Those of the key values that a tombstone stops.

    Tombstones are made and lifted by who owns the domain: whoever writes in it sees those that
    there are.
    """
    secret = _find_secret(context, domain)
    digests = {} if secret is None else {_digest(secret, key): key for key in keys}
    found = store.find_stopped(context.transaction, domain.id, sorted(digests))
    return {digests[digest] for digest in found}


def _find_secret(context: Context, domain: domains.Domain) -> bytes | None:
    sealed = store.find_tombstone_key(context.transaction, domain.id)
    return None if sealed is None else _opened(context.settings, sealed)


def _make_secret(context: Context, domain: domains.Domain) -> bytes:
    secret = secrets.token_bytes(32)
    sealed = open_seal(context.settings).close(secret)
    store.insert_tombstone_key(context.transaction, domain.id, sealed)
    return secret


@lru_cache(maxsize=1000)
def _opened(settings: Settings, sealed: bytes) -> bytes:
    return open_seal(settings).open(sealed)


def _digest(secret: bytes, key: Key) -> bytes:
    name, value = key
    return hmac.digest(secret, f"{name}\0{value}".encode(), "sha256")
