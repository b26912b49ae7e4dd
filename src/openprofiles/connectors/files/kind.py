"""The kind of source that the API calls S3: object stores and folders."""

from collections.abc import Mapping

from openprofiles.connectors.aws_credentials import NAMES, require_whole_key
from openprofiles.connectors.connector import (
    Connector,
    ConnectorKind,
    Setting,
    SourceRefused,
)
from openprofiles.connectors.files.formats import FORMATS, Format
from openprofiles.connectors.files.pulling import FilesConnector
from openprofiles.connectors.reaching import require_no_place_of_ones_own
from openprofiles.storage.buckets import SCHEMES, Buckets

DEFAULT_URL = "s3://"
DEFAULT_REGION = "us-east-1"

_CREDENTIALS = (*NAMES, "account_name", "account_key", "service_account_key")
"""Settings that have the names that obstore gives them."""


def _optional(name: str, text: str, *, is_secret: bool = False) -> Setting:
    return Setting(name=name, text=text, is_secret=is_secret, is_required=False)


BUCKET_SETTINGS = (
    _optional("url", "s3:// (default), gs://, az://, or file:///folder with a folder per bucket"),
    _optional("bucket_name", "The bucket, for pulls that name none"),
    _optional("region", f"The region of S3; {DEFAULT_REGION} unless given"),
    _optional("endpoint", "A server that takes the place of the vendor's (MinIO, R2, Ceph)"),
    _optional("access_key_id", "S3: the access key; without it, as AWS's tools find theirs"),
    _optional("secret_access_key", "S3: the secret of the access key", is_secret=True),
    _optional("session_token", "S3: the token of temporary credentials", is_secret=True),
    _optional("account_name", "Azure: the storage account"),
    _optional("account_key", "Azure: its key", is_secret=True),
    _optional("service_account_key", "Google: the key of a service account, JSON", is_secret=True),
)
"""What a connection to buckets needs."""


def buckets_of(settings: Mapping[str, str]) -> Buckets:
    """The buckets that settings name; SourceRefused when they cannot be meant."""
    url = settings.get("url") or DEFAULT_URL
    scheme = url.partition(":")[0]
    if scheme not in SCHEMES:
        raise SourceRefused(f"url must begin with one of {', '.join(SCHEMES)}")
    if scheme == "file":
        require_no_place_of_ones_own("a url of folders")
    if settings.get("endpoint"):
        require_no_place_of_ones_own("endpoint")
    if scheme == "s3":
        require_whole_key(settings)
    if scheme == "az" and settings.get("account_key") and not settings.get("account_name"):
        raise SourceRefused("account_key needs account_name")
    credentials = {name: settings[name] for name in _CREDENTIALS if settings.get(name)}
    return Buckets(
        url,
        settings.get("region") or DEFAULT_REGION,
        settings.get("endpoint") or None,
        credentials,
    )


def _open(settings: Mapping[str, str]) -> Connector:
    format, delimiter = settings.get("format") or None, settings.get("delimiter") or None
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '\r\n"'):
        raise SourceRefused("delimiter must be one character, and no quote or line end")
    return FilesConnector(
        buckets_of(settings),
        bucket=settings.get("bucket_name") or None,
        format=None if format is None else _format(format),
        delimiter=delimiter,
    )


def _format(text: str) -> Format:
    for known in FORMATS.values():
        if known == text.lower():
            return known
    raise SourceRefused(f"format must be one of {', '.join(sorted(set(FORMATS.values())))}")


KIND = ConnectorKind(
    name="S3",
    text="CSV, JSON and Parquet files in S3, other object stores or folders",
    settings=(
        *BUCKET_SETTINGS,
        _optional("format", "csv, jsonl or parquet for all files, whatever their names say"),
        _optional("delimiter", "What separates the columns of CSV; found out unless given"),
    ),
    open=_open,
)
