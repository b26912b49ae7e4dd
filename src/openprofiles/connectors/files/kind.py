"""The kind of source that the API calls S3: object stores and folders."""

from collections.abc import Mapping

from openprofiles.connectors.connector import (
    Connector,
    ConnectorKind,
    Setting,
    SourceRefused,
)
from openprofiles.connectors.files.formats import FORMATS, Format
from openprofiles.connectors.files.pulling import FilesConnector
from openprofiles.storage.buckets import SCHEMES, Buckets

DEFAULT_URL = "s3://"
DEFAULT_REGION = "us-east-1"

_CREDENTIALS = {
    "AccessKeyId": "access_key_id",
    "SecretAccessKey": "secret_access_key",
    "SessionToken": "session_token",
    "AccountName": "account_name",
    "AccountKey": "account_key",
    "ServiceAccountKey": "service_account_key",
}
"""Settings to what obstore calls them."""


def _optional(name: str, text: str, *, is_secret: bool = False) -> Setting:
    return Setting(name=name, text=text, is_secret=is_secret, is_required=False)


BUCKET_SETTINGS = (
    _optional("Url", "s3:// (default), gs://, az://, or file:///folder with a folder per bucket"),
    _optional("BucketName", "The bucket, for pulls that name none"),
    _optional("Region", f"The region of S3; {DEFAULT_REGION} unless given"),
    _optional("Endpoint", "A server that takes the place of the vendor's (MinIO, R2, Ceph)"),
    _optional("AccessKeyId", "S3: the access key; without it, as AWS's tools find theirs"),
    _optional("SecretAccessKey", "S3: the secret of the access key", is_secret=True),
    _optional("SessionToken", "S3: the token of temporary credentials", is_secret=True),
    _optional("AccountName", "Azure: the storage account"),
    _optional("AccountKey", "Azure: its key", is_secret=True),
    _optional("ServiceAccountKey", "Google: the key of a service account, JSON", is_secret=True),
)
"""What a connection to buckets needs."""


def buckets_of(settings: Mapping[str, str]) -> Buckets:
    """The buckets that settings name; SourceRefused when they cannot be meant."""
    url = settings.get("Url") or DEFAULT_URL
    if url.partition(":")[0] not in SCHEMES:
        raise SourceRefused(f"Url must begin with one of {', '.join(SCHEMES)}")
    credentials = {
        theirs: settings[ours] for ours, theirs in _CREDENTIALS.items() if settings.get(ours)
    }
    return Buckets(
        url,
        settings.get("Region") or DEFAULT_REGION,
        settings.get("Endpoint") or None,
        credentials,
    )


def _open(settings: Mapping[str, str]) -> Connector:
    format, delimiter = settings.get("Format") or None, settings.get("Delimiter") or None
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '\r\n"'):
        raise SourceRefused("Delimiter must be one character, and no quote or line end")
    return FilesConnector(
        buckets_of(settings),
        bucket=settings.get("BucketName") or None,
        format=None if format is None else _format(format),
        delimiter=delimiter,
    )


def _format(text: str) -> Format:
    for known in FORMATS.values():
        if known == text.lower():
            return known
    raise SourceRefused(f"Format must be one of {', '.join(sorted(set(FORMATS.values())))}")


KIND = ConnectorKind(
    name="S3",
    text="CSV, JSON and Parquet files in S3, other object stores or folders",
    settings=(
        *BUCKET_SETTINGS,
        _optional("Format", "csv, jsonl or parquet for all files, whatever their names say"),
        _optional("Delimiter", "What separates the columns of CSV; found out unless given"),
    ),
    open=_open,
)
