"""The kind of source that gives contact records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from openprofiles.connectors.connector import (
    Connector,
    ConnectorKind,
    Malformed,
    Page,
    Pull,
    Setting,
    SourceField,
    SourceObject,
    SourceRecord,
    SourceRefused,
)
from openprofiles.connectors.files import BUCKET_SETTINGS, FilesConnector, buckets_of
from openprofiles.connectors.kinesis import STREAM_SETTINGS, open_stream

OBJECT = "CTR"
"""What there is to pull; the object type and its templates have this name."""

FIELDS = (
    SourceField(name="ContactId", kind="string"),
    SourceField(name="InitialContactId", kind="string"),
    SourceField(name="PreviousContactId", kind="string"),
    SourceField(name="InstanceARN", kind="string"),
    SourceField(name="Channel", kind="string"),
    SourceField(name="InitiationMethod", kind="string"),
    SourceField(name="InitiationTimestamp", kind="datetime"),
    SourceField(name="DisconnectTimestamp", kind="datetime"),
    SourceField(name="LastUpdateTimestamp", kind="datetime"),
    SourceField(name="CustomerEndpoint", kind="object"),
    SourceField(name="SystemEndpoint", kind="object"),
    SourceField(name="Queue", kind="object"),
    SourceField(name="Agent", kind="object"),
    SourceField(name="Attributes", kind="object"),
)
"""Those that matter for profiles, of the data model of contact records in Connect's guide."""


class ContactRecords:
    """The contact records among what a stream or a folder has; they come at least once, and again
    whenever Connect updates one."""

    def __init__(self, inner: Connector, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix

    def check(self) -> None:
        """Reach the stream or bucket."""
        self._inner.check()

    def objects(self) -> Sequence[SourceObject]:
        """Contact records."""
        return [SourceObject(name=OBJECT, text="Contact records", fields=FIELDS)]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Contact records; anything else is Malformed."""
        if pull.object_name != OBJECT:
            raise SourceRefused(f"There is only {OBJECT} to pull")
        for page in self._inner.read(replace(pull, object_name=self._prefix)):
            yield Page([_judged(record) for record in page.records], page.bookmark)

    def close(self) -> None:
        """Close what is inside."""
        self._inner.close()


def _judged(record: SourceRecord | Malformed) -> SourceRecord | Malformed:
    if isinstance(record, Malformed):
        return record
    identifier = record.get("ContactId")
    if isinstance(identifier, str) and identifier:
        return record
    text = msgspec.json.encode(record).decode()
    return Malformed(OBJECT, "The record has no ContactId", text)


def _open(settings: Mapping[str, str]) -> Connector:
    if settings.get("stream_name"):
        return ContactRecords(open_stream(settings), OBJECT)
    if not settings.get("bucket_name"):
        raise SourceRefused("Contact records need a stream_name or a bucket_name")
    files = FilesConnector(buckets_of(settings), bucket=settings["bucket_name"], format="jsonl")
    return ContactRecords(files, settings.get("bucket_prefix", ""))


def _settings() -> tuple[Setting, ...]:
    """Those of streams and those of buckets, each once."""
    prefix = Setting(name="bucket_prefix", text="The folder in the bucket", is_required=False)
    both = {setting.name: setting for setting in (*BUCKET_SETTINGS, prefix, *STREAM_SETTINGS)}
    return tuple(both.values())


KIND = ConnectorKind(
    name="ContactRecords",
    text="Contact records of Amazon Connect, from a stream or from files",
    settings=_settings(),
    open=_open,
    default_timestamp_field="LastUpdateTimestamp",
)
