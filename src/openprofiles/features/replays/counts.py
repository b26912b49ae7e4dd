"""What a replay has found so far, as it is stored and shown."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from openprofiles.features import profiles
from openprofiles.features.profiles import Replayed

MOST_NAMES = 200
"""Fields, keys and reasons that are counted each; attributes can have any number of names."""

OTHERS = "(others)"
MOST_EXAMPLES = 20


class Example(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One object that changes: which, and in what, without a value of it."""

    ProfileObjectUniqueKey: str
    ProfileId: str | None = None
    FormerProfileId: str | None = None
    Fields: list[str] = []
    Keys: list[str] = []


class Counts(msgspec.Struct, kw_only=True):
    """Numbers of objects, and of what they change."""

    objects: int = 0
    changed: int = 0
    rejected: int = 0
    rekeyed: int = 0
    united: int = 0
    moved: int = 0
    created_profiles: int = 0
    emptied_profiles: int = 0
    records: int = 0
    fields: dict[str, int] = {}
    added_keys: dict[str, int] = {}
    dropped_keys: dict[str, int] = {}
    reasons: dict[str, int] = {}
    examples: list[Example] = []

    def add(self, batch: Sequence[Replayed], *, writes: bool) -> None:
        """Add what became of a batch of objects.

        One that was given a key behind this batch comes again: it is counted as seen then.
        """
        last = batch[-1].unique_key
        for replayed in batch:
            comes_again = writes and replayed.is_rekeyed and (replayed.new_key or b"") > last
            self.objects += not comes_again
            if replayed.reason is not None:
                self.rejected += 1
                _count(self.reasons, [replayed.reason])
            elif replayed.is_changed:
                self._add_changed(replayed)

    def _add_changed(self, replayed: Replayed) -> None:
        self.changed += 1
        self.rekeyed += replayed.is_rekeyed
        self.united += replayed.is_united
        self.moved += replayed.former_id is not None
        self.created_profiles += replayed.creates
        self.emptied_profiles += replayed.empties
        self.records += replayed.changes_record
        _count(self.fields, replayed.fields)
        _count(self.added_keys, replayed.added_keys)
        _count(self.dropped_keys, replayed.dropped_keys)
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(_example(replayed))

    def as_response(self) -> dict[str, Any]:
        """The numbers under the names of our API."""
        return {
            "Objects": self.objects,
            "Unchanged": max(0, self.objects - self.changed - self.rejected),
            "Changed": self.changed,
            "Rejected": self.rejected,
            "Moved": self.moved,
            "Rekeyed": self.rekeyed,
            "United": self.united,
            "ProfilesCreated": self.created_profiles,
            "ProfilesEmptied": self.emptied_profiles,
            "RecordsChanged": self.records,
            "Fields": self.fields,
            "KeysAdded": self.added_keys,
            "KeysDropped": self.dropped_keys,
            "Reasons": self.reasons,
            "Examples": self.examples,
        }


def decode(stored: Mapping[str, Any]) -> Counts:
    """The counts behind their stored form."""
    return msgspec.convert(stored, Counts)


def _count(numbers: dict[str, int], names: Sequence[str]) -> None:
    for name in names:
        known = name if name in numbers or len(numbers) < MOST_NAMES else OTHERS
        numbers[known] = numbers.get(known, 0) + 1


def _example(replayed: Replayed) -> Example:
    return Example(
        ProfileObjectUniqueKey=profiles.key_as_text(replayed.unique_key),
        # A profile that a dry run would make has no id that anybody could look up.
        ProfileId=None if replayed.creates else replayed.profile_id,
        FormerProfileId=replayed.former_id,
        Fields=list(replayed.fields),
        Keys=list(dict.fromkeys([*replayed.added_keys, *replayed.dropped_keys])),
    )
