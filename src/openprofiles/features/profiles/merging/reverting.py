"""What the main profile becomes when a merge is taken back: as if it had never been; pure.

A field that was written after the merge stays as it is. Merges that came later into the same main
profile are decided again where this one had given it a value, and their receipts with them.
"""

from collections.abc import Sequence

from openprofiles.features.profiles.merging.receipt import Receipt, Value, value_of
from openprofiles.features.profiles.merging.uniting import (
    contributed,
    index_keys,
    unit_of,
    unite,
)
from openprofiles.features.profiles.profile import Profile

Change = tuple[Value, Value]
"""What a field had become by a merge, and what it is without it."""


def revert(main: Profile, receipt: Receipt, later: Sequence[Receipt]) -> Profile:
    """The main profile without a merge, but for its objects; `later` are the receipts of merges
    into it that came after and stand, the oldest first: they are changed accordingly.
    """
    reverted = main.copy()
    _revert_fields(reverted, receipt, later)
    _revert_written_at(reverted, receipt, later)
    reverted.added_keys = _reverted_keys(main, reverted, receipt, later)
    return reverted


def _revert_fields(main: Profile, receipt: Receipt, later: Sequence[Receipt]) -> None:
    changes: dict[str, Change] = {
        path: (became, value_of(receipt.main, path)) for path, became in receipt.changed.items()
    }
    for following in later:
        _apply(following.main, changes)
        changes = _decide_again(following, changes)
    _apply(main, changes)


def _apply(profile: Profile, changes: dict[str, Change]) -> None:
    """Make the changes to the fields that are as the merge had left them, and forget the others:
    somebody wrote them since.
    """
    for path, (became, without) in list(changes.items()):
        if value_of(profile, path) != became:
            del changes[path]
            continue
        profile.fields = {name: value for name, value in profile.fields.items() if name != path}
        profile.provenance.pop(path, None)
        if without is not None:
            profile.fields[path], profile.provenance[path] = without


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


def _reverted_keys(
    main: Profile, reverted: Profile, receipt: Receipt, later: Sequence[Receipt]
) -> list[tuple[str, str]]:
    """The added keys without those that the merge gave, unless a later merge gave them too."""
    held = {*main.added_keys, *index_keys(main.fields)}
    given = set(receipt.added_keys)
    keys = [key for key in main.added_keys if key not in given]
    present = {*keys, *index_keys(reverted.fields)}
    for following in later:
        for profile in following.merged:
            for key in contributed(profile):
                if key in held and key not in present:
                    keys.append(key)
                    present.add(key)
                    following.added_keys.append(key)
    return keys


def restored_keys(image: Profile, main: Profile, receipt: Receipt) -> list[tuple[str, str]]:
    """The added keys of a profile that comes back: those it had, but for what was deleted since."""
    deleted = {*receipt.added_keys, *receipt.main.added_keys} - set(main.added_keys)
    return [key for key in image.added_keys if key not in deleted]
