"""Buckets: where files for others are written, and files of others are read: in S3, what speaks
like it, Google Cloud Storage, Azure, or folders."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from openprofiles.storage import bucket_credentials, bucket_files, folders
from openprofiles.storage.bucket_files import (
    BucketFile,
    BucketRefused,
    BucketUnavailable,
    FileGone,
)

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

__all__ = ["BucketFile", "BucketRefused", "BucketUnavailable", "Buckets", "FileGone"]

CHECK_KEY = "openprofiles-write-check"
"""An empty object that a check leaves: the right to write is not the right to delete."""
SCHEMES = ("s3", "gs", "az", "file")

_CLIENT: "ClientConfig" = {
    "connect_timeout": timedelta(seconds=5),
    "timeout": timedelta(seconds=30),
    "allow_http": True,
}
_RETRIES: "RetryConfig" = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_FINAL_STATUS = re.compile(r"status code: 4(?!08|25|29)\d\d")
"""How obstore's texts tell an answer that will not change; it has no error of its own for most."""
_TOO_SHORT = "status code: 416"
"""A part was asked for that lies behind the end: the file has become shorter."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """All buckets in reach. `url` is `s3://`, `gs://` or `az://`, or `file:///folder` with a folder
    for each bucket; `endpoint` is a server that takes the place of the vendor's.

    `credentials` are obstore's settings for that kind of store (`access_key_id` with
    `secret_access_key`, `account_name` with `account_key`, …); without them they are found as the
    vendor's tools find them: in the environment or the machine's role.
    """

    url: str
    region: str
    endpoint: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)

    def check(self, bucket: str, prefix: str) -> None:
        """Pass when objects below `prefix` can be written; BucketRefused otherwise."""
        self.write(bucket, f"{prefix}/{CHECK_KEY}" if prefix else CHECK_KEY, ())

    def write(self, bucket: str, key: str, blocks: Iterable[bytes]) -> None:
        """Write an object, which is there when all of it is. Raises BucketRefused."""
        # Imported here: only who writes to buckets needs it.
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import LocalStore

        try:
            store: ObjectStore = (
                LocalStore(self._folder(bucket)) if self.is_local else self._store(bucket)
            )
            with obstore.open_writer(store, key) as writer:
                for block in blocks:
                    writer.write(block)
        except (BaseError, OSError) as error:
            kind = type(error).__name__.removesuffix("Error")
            raise BucketRefused(f"Bucket {bucket} cannot be written to ({kind})") from error

    @property
    def is_local(self) -> bool:
        """Whether buckets are folders."""
        return self.url.startswith("file:")

    def files(self, bucket: str, prefix: str) -> Iterator[BucketFile]:
        """All files below a prefix, which ends where a folder ends, in no order.

        Raises BucketRefused, BucketUnavailable.
        """
        if self.is_local:
            yield from folders.files(self._folder(bucket), prefix, bucket=bucket)
            return
        import obstore

        with _translated(bucket):
            for chunk in obstore.list(self._store(bucket), prefix or None):
                for entry in chunk:
                    yield bucket_files.of_entry(entry)

    def folders(self, bucket: str) -> list[str]:
        """The folders right below the root. Raises BucketRefused, BucketUnavailable."""
        if self.is_local:
            return folders.folders(self._folder(bucket))
        import obstore

        with _translated(bucket):
            found = obstore.list_with_delimiter(self._store(bucket))
        return sorted(prefix.rstrip("/") for prefix in found["common_prefixes"])

    def open(self, bucket: str, file: BucketFile) -> BinaryIO:
        """The content of a file as it was listed, seekable. Raises, also while it is read,
        FileGone when it is another by now or none, BucketRefused, BucketUnavailable."""
        if file.path is not None:
            return folders.open_file(file, bucket=bucket)
        with _translated(bucket):
            store = self._store(bucket)

        def fetch(start: int, end: int) -> bytes:
            with _translated(bucket):
                return bucket_files.fetch(store, file, start, end)

        return bucket_files.opened(file, fetch)

    def _store(self, bucket: str) -> "ObjectStore":
        from obstore.store import AzureStore, GCSStore, S3Store

        scheme = urlsplit(self.url).scheme
        config, provider = bucket_credentials.apart(scheme, self.credentials)
        if scheme == "s3":
            config["region"] = self.region
        if self.endpoint:
            config["base_url" if scheme == "gs" else "endpoint"] = self.endpoint
        stores = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
        if scheme not in stores:
            raise BucketRefused("The URL of buckets must begin with s3://, gs://, az:// or file://")
        store: Any = stores[scheme]
        return cast(
            "ObjectStore",
            store(
                bucket,
                config=config,
                client_options=_CLIENT,
                retry_config=_RETRIES,
                credential_provider=provider,
            ),
        )

    def _folder(self, bucket: str) -> Path:
        if not folders.is_name(bucket):
            raise BucketRefused("A bucket's name is no path")
        folder = Path(unquote(urlsplit(self.url).path)) / bucket
        if not folder.is_dir():
            raise BucketRefused(f"Bucket {bucket} does not exist: there is no such folder")
        return folder


@contextmanager
def _translated(bucket: str) -> Iterator[None]:
    """Say whether an error of obstore is for ever; its texts quote answers, which are cut off."""
    from obstore import exceptions as errors

    refusals = (
        errors.PermissionDeniedError,
        errors.UnauthenticatedError,
        errors.UnknownConfigurationKeyError,
    )
    try:
        yield
    except FileNotFoundError:
        raise FileGone("The file is no longer there") from None
    except refusals:
        raise BucketRefused(f"Bucket {bucket} cannot be read with these credentials") from None
    except errors.InvalidPathError:
        raise BucketRefused(
            f"Bucket {bucket} has a key here with an empty part, '.' or '..' between slashes"
        ) from None
    except errors.BaseError as error:
        if _TOO_SHORT in str(error):
            raise FileGone("The file was replaced") from None
        if _FINAL_STATUS.search(str(error)):
            raise BucketRefused(f"Bucket {bucket} cannot be read: the store says no") from None
        raise BucketUnavailable(f"Bucket {bucket} cannot be reached at the moment") from None
