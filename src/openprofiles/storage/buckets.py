"""Buckets: where files for others are written, in S3 or what speaks like it, or in folders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

CHECK_KEY = "openprofiles-write-check"
"""An empty object that a check leaves: the right to write is not the right to delete."""

_CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=30),
    "allow_http": True,
}
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


class BucketRefused(Exception):
    """A bucket cannot be written to; the text is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """All buckets in reach. `url` is `s3://`, or `file:///folder` with a folder for each bucket;
    `endpoint` is an S3-compatible server that takes the place of AWS.

    Credentials are found as AWS's tools find them: in the environment or the machine's role.
    """

    url: str
    region: str
    endpoint: str | None = None

    def check(self, bucket: str, prefix: str) -> None:
        """Pass when objects below `prefix` can be written; BucketRefused otherwise."""
        self.write(bucket, f"{prefix}/{CHECK_KEY}" if prefix else CHECK_KEY, ())

    def write(self, bucket: str, key: str, blocks: Iterable[bytes]) -> None:
        """Write an object, which is there when all of it is. Raises BucketRefused."""
        # Imported here: only who writes to buckets needs it.
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import LocalStore, S3Store

        store: LocalStore | S3Store
        try:
            if self.url.startswith("file:"):
                store = LocalStore(self._folder(bucket))
            else:
                config: S3Config = {"region": self.region}
                if self.endpoint:
                    config["endpoint"] = self.endpoint
                store = S3Store(
                    bucket, config=config, client_options=_CLIENT, retry_config=_RETRIES
                )
            with obstore.open_writer(store, key) as writer:
                for block in blocks:
                    writer.write(block)
        except (BaseError, OSError) as error:
            kind = type(error).__name__.removesuffix("Error")
            raise BucketRefused(f"Bucket {bucket} cannot be written to ({kind})") from error

    def _folder(self, bucket: str) -> Path:
        folder = Path(unquote(urlsplit(self.url).path)) / bucket
        if not folder.is_dir():
            raise BucketRefused(f"Bucket {bucket} does not exist: there is no such folder")
        return folder
