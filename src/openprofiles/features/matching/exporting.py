"""Writes matches to the bucket that a domain names, as files of match_file.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.core.settings import Settings
from openprofiles.features.context import DomainChange
from openprofiles.features.matching import match_file
from openprofiles.storage.buckets import BucketRefused, Buckets

ROWS_IN_PART = 500_000
BLOCKS = ("Matching", "RuleBasedMatching")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket and what keys in it begin with; empty for its root."""

    bucket: str
    prefix: str

    def below(self, folder: str) -> "Place":
        """A folder in it."""
        return Place(self.bucket, f"{self.prefix}/{folder}" if self.prefix else folder)

    def as_location(self) -> dict[str, Any]:
        """In the shape of ExportingLocation."""
        return {"S3Exporting": {"S3BucketName": self.bucket, "S3KeyName": self.prefix}}


def place_of(block: Mapping[str, Any] | None) -> Place | None:
    """Where a block with an ExportingConfig wants its matches; None when it wants none."""
    exporting = ((block or {}).get("ExportingConfig") or {}).get("S3Exporting")
    if not exporting:
        return None
    return Place(exporting["S3BucketName"], (exporting.get("S3KeyName") or "").strip("/"))


def buckets_of(settings: Settings) -> Buckets:
    """The buckets that the service writes to."""
    return Buckets(settings.buckets_url, settings.region, settings.s3_endpoint_url)


def require_buckets(settings: Settings, change: DomainChange) -> None:
    """Pass when the buckets that a domain newly names can be written to; BadRequest otherwise, as
    AWS does.
    """
    for name in BLOCKS:
        place = place_of(change.after.get(name))
        if place is None or place == place_of(change.before.get(name)):
            continue
        try:
            buckets_of(settings).check(place.bucket, place.prefix)
        except BucketRefused as refusal:
            raise BadRequest(f"{name}.ExportingConfig: {refusal}") from refusal


def write(
    settings: Settings, place: Place, domain_name: str, groups: Iterable[tuple[int, bytes]]
) -> int:
    """Write groups, each its number of rows and its lines, to files in a place; how many files.

    Raises BucketRefused.
    """
    buckets, number = buckets_of(settings), 0
    for number, part in enumerate(match_file.in_parts(groups, ROWS_IN_PART), 1):
        key = place.below(match_file.file_name(domain_name, number)).prefix
        buckets.write(place.bucket, key, part)
    return number
