"""Receipts as they are kept: in two JSON values of a row of `merges`."""

from typing import Any

from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.profiles import provenance, store
from openprofiles.features.profiles.merging import receipt as images
from openprofiles.features.profiles.merging.receipt import (
    Receipt,
)


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
