"""What an integration is read from: which kind of connector, through which connection, and what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openprofiles.features.integrations import flows
from openprofiles.features.integrations import uri as uris

CONTACT_RECORDS = "ContactRecords"
"""The kind of source that reads contact records from a stream or a folder."""
CONTACT_RECORD = "CTR"
"""What there is to pull from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of source, the connection to it (None = the service's own settings), and what is
    pulled there.
    """

    kind: str
    connection: str | None
    object_name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None
    timestamp_field: str | None = None
    tasks: tuple[Mapping[str, Any], ...] = ()
    operator_member: str = ""
    passes_others: bool = False


def source_of(uri: str, flow: Mapping[str, Any] | None) -> Source | None:
    """The source behind an integration; None when there is nothing that could be pulled."""
    if flow is not None:
        return _source_of_flow(flow)
    form = uris.form_of(uri)
    if form.kind == "bucket":
        bucket, _, prefix = form.name.partition("/")
        return _bucket(bucket, prefix, None)
    if form.kind in ("stream", "instance"):
        return Source(kind=CONTACT_RECORDS, connection=form.name, object_name=CONTACT_RECORD)
    return None


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
