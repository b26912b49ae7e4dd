"""What the main profile becomes when a merge is taken back: as if it had never been; pure.

A field that was written after the merge stays as it is, unless an object wrote it that leaves: it
goes with its object. Merges that came later into the same main profile are decided again where
another value is there now, and their receipts with them.
"""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features.profiles.merging.receipt import Receipt, Value, value_of
from openprofiles.features.profiles.merging.uniting import (
    contributed,
    index_keys,
    unit_of,
    unite,
)
from openprofiles.features.profiles.profile import Profile
from openprofiles.features.profiles.provenance import Write, may_overwrite

Change = tuple[Value, Value]
"""What a field had become by a merge, and what it is without it."""


def revert(main: Profile, receipt: Receipt, later: Sequence[Receipt]) -> Profile:
    """The main profile without what a merge gave it, but for its objects; `later` are the receipts
    of merges into it that came after and stand, the oldest first: they are changed accordingly.
    """
    reverted = main.copy()
    _revert_fields(reverted, receipt, later)
    _revert_written_at(reverted, receipt, later)
    given = set(receipt.added_keys)
    reverted.added_keys = [key for key in main.added_keys if key not in given]
    return reverted


def _revert_fields(main: Profile, receipt: Receipt, later: Sequence[Receipt]) -> None:
    changes: dict[str, Change] = {
        path: (became, value_of(receipt.main, path)) for path, became in receipt.changed.items()
    }
    for following in later:
        _apply(following.main, changes)
        changes = _decide_again(following, changes)
    _apply(main, changes)


def follow_objects(
    main: Profile,
    receipt: Receipt,
    later: Sequence[Receipt],
    restored: Mapping[Id, Profile],
    targets: Mapping[str, Id],
) -> None:
    """Fields that objects wrote after the merge go where these objects go: unique key in hex ->
    profile. The main profile has again what it had before the merge.
    """
    changes: dict[str, Change] = {}
    for following in later:
        changes.update(_move_fields(following.main, receipt, restored, targets))
        _apply(following.main, changes)
        changes = _decide_again(following, changes)
    changes.update(_move_fields(main, receipt, restored, targets))
    _apply(main, changes)


def _move_fields(
    main: Profile, receipt: Receipt, restored: Mapping[Id, Profile], targets: Mapping[str, Id]
) -> dict[str, Change]:
    """Give restored profiles what their objects wrote to the main one; what that makes of it."""
    changes: dict[str, Change] = {}
    for path, write in written_since(main, receipt, targets).items():
        home = restored.get(targets[write.object_key or ""])
        if home is not None:
            give(home, path, (main.fields[path], write))
            changes[path] = (value_of(main, path), value_of(receipt.main, path))
    return changes


def written_since(main: Profile, receipt: Receipt, objects: Container[str]) -> dict[str, Write]:
    """The fields that one of these objects wrote after the merge, with the write."""
    return {
        path: write
        for path, write in main.provenance.items()
        if write.object_key in objects and value_of(main, path) != value_of(receipt.main, path)
    }


def give(profile: Profile, path: str, value: tuple[Any, Write]) -> None:
    """Write a field of a profile if the write may (core reference §4.6)."""
    if may_overwrite(profile.provenance.get(path), value[1], respect_source_time=False):
        profile.fields = {**profile.fields, path: value[0]}
        profile.provenance[path] = value[1]


def _apply(profile: Profile, changes: dict[str, Change]) -> None:
    """Make the changes to the fields that are as the merge had left them, and forget the others:
    somebody wrote them since.
    """
    for path, (became, without) in list(changes.items()):
        if value_of(profile, path) != became:
            del changes[path]
            continue
        replace_field(profile, path, without)


def replace_field(profile: Profile, path: str, value: Value) -> None:
    """Make a field what it is to be, or take it away."""
    profile.fields = {name: held for name, held in profile.fields.items() if name != path}
    profile.provenance.pop(path, None)
    if value is not None:
        profile.fields[path], profile.provenance[path] = value


def _decide_again(receipt: Receipt, changes: dict[str, Change]) -> dict[str, Change]:
    """How another outcome of earlier merges, already in the receipt's main profile, changes the
    outcome of this one.
    """
    if not changes:
        return {}
    units = {unit_of(path) for path in changes}
    fields, origins = unite(receipt.main, receipt.merged, receipt.resolution)
    decided: dict[str, Change] = {}
    for path in {*changes, *fields, *receipt.changed}:
        if unit_of(path) not in units:
            continue
        before = value_of(receipt.main, path)
        former = receipt.changed.get(path, changes[path][0] if path in changes else before)
        now = (fields[path], origins[path]) if path in fields else None
        receipt.changed.pop(path, None)
        if now != before:
            receipt.changed[path] = now
        decided[path] = (former, now)
    return decided


def _revert_written_at(main: Profile, receipt: Receipt, later: Sequence[Receipt]) -> None:
    became, without = receipt.written_at, receipt.main.written_at
    for following in later:
        if following.main.written_at != became:
            return
        following.main.written_at = without
        became = following.written_at
        without = max(profile.written_at for profile in (following.main, *following.merged))
        following.written_at = without
    if main.written_at == became:
        main.written_at = without


def keep_keys(main: Profile, reverted: Profile, later: Sequence[Receipt]) -> None:
    """Let the main profile keep the keys that it holds for later merges too."""
    held = {*main.added_keys, *index_keys(main.fields)}
    present = {*reverted.added_keys, *index_keys(reverted.fields)}
    for following in later:
        for profile in following.merged:
            for key in contributed(profile):
                if key in held and key not in present:
                    present.add(key)
                    reverted.added_keys.append(key)
                    following.added_keys.append(key)


def restored_keys(image: Profile, main: Profile, receipt: Receipt) -> list[tuple[str, str]]:
    """The added keys of a profile that comes back: those it had, but for what was deleted since."""
    deleted = {*receipt.added_keys, *receipt.main.added_keys} - set(main.added_keys)
    return [key for key in image.added_keys if key not in deleted]
