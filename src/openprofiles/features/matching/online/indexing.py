"""What the index has of a profile: its values made comparable, and the keys that it may share."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from openprofiles import resolution
from openprofiles.core.ids import Id
from openprofiles.features.context import Context
from openprofiles.features.matching import records
from openprofiles.features.matching.online import store


def index(context: Context, domain_id: int, written: Mapping[Id, Mapping[str, Any]]) -> None:
    """Index profiles, given with their fields, whose rows this transaction has locked."""
    store.write(
        context.transaction,
        domain_id,
        [entry_of(profile_id, fields) for profile_id, fields in written.items()],
    )


def entry_of(profile_id: Id, fields: Mapping[str, Any]) -> store.Entry:
    """A profile as the index has it."""
    features = records.features_of(fields)
    keys = [digest(kind, text) for kind, text in resolution.keys_of(features)]
    return store.Entry(profile_id, msgspec.json.encode(features).decode(), keys)


def digest(kind: str, text: str) -> int:
    """A key's text as 64 bits. Two texts with one digest only make a candidate too many."""
    head = blake2b(f"{kind}\x1f{text}".encode(), digest_size=8).digest()
    return int.from_bytes(head, "big", signed=True)


def capped_keys(features: resolution.Features, size: int) -> Iterable[tuple[int, int]]:
    """The digests of a record's keys, and how many records may share each among `size`."""
    caps = resolution.caps(len(features.identifiers), size)
    for kind, text in resolution.keys_of(features):
        if kind in caps:
            yield digest(kind, text), caps[kind]


def value_keys(features: resolution.Features) -> Iterator[int]:
    """The digests of a record's phones and e-mail addresses."""
    for kind, text in resolution.keys_of(features):
        if kind in ("phone", "email"):
            yield digest(kind, text)
