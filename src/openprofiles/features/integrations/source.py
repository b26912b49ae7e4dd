"""What an integration is read from: which kind of connector, through which connection, and what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openprofiles.features.integrations import flows
from openprofiles.features.integrations import uri as uris

CONTACT_RECORDS, STREAMS = "ContactRecords", "Kinesis"
"""Kinds of sources behind Uris of streams and of Connect instances."""

CONTACT_RECORD = "CTR"
"""What there is to pull among contact records; object types for them begin so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of source, the connection to it, and what is pulled there.

    Without a `connection`, or when it `needs_none` and there is none of this name, `values` and the
    service's own settings open it.
    """

    kind: str
    connection: str | None
    object_name: str
    needs_none: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None
    timestamp_field: str | None = None
    tasks: tuple[Mapping[str, Any], ...] = ()
    operator_member: str = ""
    passes_others: bool = False


def source_of(
    uri: str, flow: Mapping[str, Any] | None, object_type: str | None = None
) -> Source | None:
    """The source behind an integration; None when there is nothing that could be pulled."""
    if flow is not None:
        return _source_of_flow(flow)
    form = uris.form_of(uri)
    match form.kind:
        case "bucket":
            bucket, _, prefix = form.name.partition("/")
            return _bucket(bucket, prefix, None)
        case "stream":
            return _stream(form.name, object_type or "")
        case "instance":
            return Source(kind=CONTACT_RECORDS, connection=form.name, object_name=CONTACT_RECORD)
        case "connector":
            kind, connection, object_name = form.name.split("/", 2)
            return Source(kind=kind, connection=connection, object_name=object_name)
    return None


def _stream(arn: str, object_type: str) -> Source:
    """A stream of any records, or of contact records where the type is one of theirs."""
    region, name = arn.split(":")[3], arn.rpartition("/")[2]
    has_contacts = object_type.startswith(CONTACT_RECORD)
    return Source(
        kind=CONTACT_RECORDS if has_contacts else STREAMS,
        connection=name,
        needs_none=True,
        values={"stream_name": arn, "region": region},
        object_name=CONTACT_RECORD if has_contacts else name,
    )


def _source_of_flow(flow: Mapping[str, Any]) -> Source:
    properties = flows.properties(flow)
    kind = flows.connector_type(flow)
    if kind == flows.BUCKETS:
        return _bucket(properties["BucketName"], properties.get("BucketPrefix") or "", flow)
    passes_others = bool(properties.get("EnableDynamicFieldUpdate"))
    member = flows.member_of(kind)
    tasks = tuple(flow["Tasks"])
    return Source(
        kind=kind,
        connection=flows.connection_name(flow),
        object_name=properties["Object"],
        options={name: value for name, value in properties.items() if name != "Object" and value},
        fields=None if passes_others else flows.source_fields(tasks, member),
        timestamp_field=flows.timestamp_field(flow),
        tasks=tasks,
        operator_member=member,
        passes_others=passes_others,
    )


def _bucket(bucket: str, prefix: str, flow: Mapping[str, Any] | None) -> Source:
    tasks = tuple(flow["Tasks"]) if flow else ()
    return Source(
        kind=flows.BUCKETS,
        connection=flows.connection_name(flow) if flow else None,
        object_name=prefix,
        options={"BucketName": bucket, "BucketPrefix": prefix},
        fields=flows.source_fields(tasks, flows.BUCKETS),
        timestamp_field=flows.timestamp_field(flow) if flow else None,
        tasks=tasks,
        operator_member=flows.BUCKETS,
    )
