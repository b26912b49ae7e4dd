"""Receipts as they are kept: in two JSON values of a row of `merges`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import provenance, store
from openprofiles.features.profiles.merging import receipt as images
from openprofiles.features.profiles.merging.receipt import (
    MergeCause,
    Receipt,
    RecordImage,
    Resolution,
)
from openprofiles.features.profiles.merging.uniting import alias
from openprofiles.features.profiles.profile import ALIAS, Profile
from openprofiles.features.profiles.provenance import Write
from openprofiles.storage.database import Row

_BATCH = 100


def keep(context: Context, domain: domains.Domain, receipt: Receipt) -> None:
    """Store the receipt of a merge whose objects have not moved yet; it then names them."""
    store.insert_receipt(
        context.transaction,
        domain.id,
        merge_id=receipt.id,
        main_id=receipt.main.id,
        merged_ids=[profile.id for profile in receipt.merged],
        now=receipt.merged_at,
        cause=receipt.cause.kind,
        principal=receipt.principal,
        request_id=receipt.request_id,
        receipt={
            "detail": receipt.cause.detail,
            "resolution": {
                "model": receipt.resolution.model,
                "source_name": receipt.resolution.source_name,
                "field_sources": receipt.resolution.field_sources,
            },
        },
        before=_images(receipt),
    )


def _images(receipt: Receipt) -> dict[str, Any]:
    """What an undo needs, but for what the database itself adds about objects."""
    return {
        "main": images.image(receipt.main),
        "merged": [images.image(profile) for profile in receipt.merged],
        "changed": images.encode_changes(receipt.changed),
        "added_keys": receipt.added_keys,
        "written_at": receipt.written_at.isoformat(),
        "records": {
            profile_id: [
                [image.record_type, image.id, image.fields, provenance.encode(image.provenance)]
                for image in images
            ]
            for profile_id, images in receipt.records.items()
        },
    }


def require(context: Context, domain: domains.Domain, merge_id: Id) -> Receipt:
    """The receipt of a merge; ResourceNotFound when there is none."""
    row = store.find_receipt(context.transaction, domain.id, merge_id)
    if row is None:
        raise ResourceNotFound(f"Merge {merge_id} not found in domain {domain.name}")
    return _as_receipt(row)


def list_later(context: Context, domain: domains.Domain, receipt: Receipt) -> list[Receipt]:
    """The merges into the same main profile after this one that stand, the oldest first."""
    rows = store.list_receipts_after(
        context.transaction, domain.id, receipt.main.id, receipt.merged_at
    )
    return [_as_receipt(row) for row in rows]


def list_page(
    context: Context,
    domain: domains.Domain,
    *,
    profile_id: Id | None,
    before: Id | None,
    limit: int,
) -> list[Receipt]:
    """Receipts, the newest first, of all merges or of those that a profile took part in."""
    rows = store.list_page_of_receipts(
        context.transaction, domain.id, profile_id=profile_id, before=before, limit=limit
    )
    return [_as_receipt(row) for row in rows]


def settle(
    context: Context, domain: domains.Domain, receipt: Receipt, later: Iterable[Receipt]
) -> None:
    """Note that a merge is undone, and what that made of the receipts of later ones."""
    store.close_receipt(
        context.transaction,
        domain.id,
        receipt.id,
        now=context.now,
        principal=context.caller.principal,
    )
    changed = {one.id: _images(one) for one in later}
    if changed:
        store.update_receipts(context.transaction, domain.id, changed)


def forget(context: Context, domain: domains.Domain, profiles: Iterable[Profile]) -> int:
    """Forget the merges of profiles that go for good: receipts hold their values. How many."""
    gone = [
        value
        for profile in profiles
        for name, value in (alias(profile.id), *profile.added_keys)
        if name == ALIAS
    ]
    if not gone:
        return 0
    return store.delete_receipts(context.transaction, domain.id, gone)


def scrub(context: Context, domain: domains.Domain, object_type: str) -> None:
    """Forget in all receipts what an object type wrote and which of its objects moved: an undo
    must not bring back what was deleted with the type.
    """
    after: Id | None = None
    while rows := store.list_receipts_naming(
        context.transaction, domain.id, object_type, after=after, limit=_BATCH
    ):
        found = [_as_receipt(row) for row in rows]
        for receipt in found:
            _scrub(receipt, object_type)
        store.update_receipts(
            context.transaction,
            domain.id,
            {receipt.id: {**_images(receipt), "objects": receipt.objects} for receipt in found},
        )
        after = found[-1].id


def _scrub(receipt: Receipt, object_type: str) -> None:
    for profile in (receipt.main, *receipt.merged):
        for path in _written_by(object_type, profile.provenance):
            del profile.fields[path], profile.provenance[path]
    for path, value in list(receipt.changed.items()):
        if value is not None and value[1].source == object_type:
            receipt.changed[path] = None
        if receipt.changed[path] == images.value_of(receipt.main, path):
            del receipt.changed[path]
    for records in receipt.records.values():
        for record in records:
            for path in _written_by(object_type, record.provenance):
                del record.fields[path], record.provenance[path]
    receipt.objects = {
        profile_id: [known for known in objects if known[0] != object_type]
        for profile_id, objects in receipt.objects.items()
    }


def _written_by(object_type: str, origins: Mapping[str, Write]) -> list[str]:
    return [path for path, write in origins.items() if write.source == object_type]


def _as_receipt(row: Row) -> Receipt:
    merge_id, merged_at, cause, principal, request_id, receipt, before, undone_at, undone_by = row
    return Receipt(
        id=merge_id,
        main=images.profile_from(before["main"]),
        merged=[images.profile_from(stored) for stored in before["merged"]],
        merged_at=merged_at,
        cause=MergeCause(cause, receipt["detail"]),
        resolution=Resolution(**receipt["resolution"]),
        principal=principal,
        request_id=request_id,
        changed=images.decode_changes(before["changed"]),
        added_keys=images.pairs(before["added_keys"]),
        written_at=datetime.fromisoformat(before["written_at"]),
        objects={owner: images.pairs(listed) for owner, listed in before["objects"].items()},
        keys={owner: images.pairs(listed) for owner, listed in before["keys"].items()},
        records={
            owner: [_as_record(stored) for stored in listed]
            for owner, listed in before["records"].items()
        },
        main_objects=before["main_objects"],
        undone_at=undone_at,
        undone_by=undone_by,
    )


def _as_record(stored: Sequence[Any]) -> RecordImage:
    record_type, record_id, fields, origins = stored
    return RecordImage(record_type, record_id, fields, provenance.decode(origins, fields))
