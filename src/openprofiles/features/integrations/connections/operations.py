"""Operations on connections, beyond the AWS API: put, list, test, delete."""

from dataclasses import replace
from typing import Annotated, TypedDict

from msgspec import Meta

from openprofiles.connectors import SourceError, names
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName
from openprofiles.core.text import require_storable
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.integrations.connections import store
from openprofiles.features.integrations.connections.connection import (
    CannotOpen,
    Connection,
    open_connector,
    plain_values,
    require_kind,
    require_values,
    seal_secrets,
)
from openprofiles.storage import journal

KINDS = "/connector-kinds"
PATH = "/domains/{DomainName}/connections"
MOST_OBJECTS = 1000
"""Names of objects that a test shows at most."""

ConnectionName = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[\w/!@#+=.-]+\Z")]
Text = Annotated[str, Meta(max_length=16_384)]


class ListKindsRequest(TypedDict):
    """Nothing has to be said."""


class PutConnectionRequest(TypedDict):
    """How a source is reached; `Settings` are those that its `Kind` has, secret ones included."""

    DomainName: DomainName
    Name: ConnectionName
    Kind: Annotated[str, Meta(min_length=1, max_length=64)]
    Settings: dict[str, Text]


class ListConnectionsRequest(TypedDict):
    """The domain whose connections are meant."""

    DomainName: DomainName


class ConnectionRequest(TypedDict):
    """One connection."""

    DomainName: DomainName
    Name: ConnectionName


@operation("ListConnectorKinds", reads_only=True, route=Route("GET", KINDS, ListKindsRequest))
def list_connector_kinds(_: Context, __: ListKindsRequest) -> Answer:
    """The kinds of sources that are installed, and what a connection to each needs."""
    return {
        "Items": [
            {
                "Kind": kind.name,
                "Text": kind.text,
                "TimestampField": kind.default_timestamp_field,
                "Settings": [
                    {
                        "Name": setting.name,
                        "Text": setting.text,
                        "IsSecret": setting.is_secret,
                        "IsRequired": setting.is_required,
                    }
                    for setting in kind.settings
                ],
            }
            for kind in map(require_kind, names())
        ]
    }


@operation("PutConnection", route=Route("PUT", PATH, PutConnectionRequest))
def put_connection(context: Context, request: PutConnectionRequest) -> Answer:
    """Make a connection, or replace all of the one of this name; its secrets are never shown again.

    BadRequest when the kind is not installed, or the settings are not what it needs. The source is
    not reached: TestConnection does that.
    """
    require_storable("The connection", request)
    domain = domains.require_for_write(context, request["DomainName"])
    kind, name = require_kind(request["Kind"]), request["Name"]
    values = request["Settings"]
    require_values(context.settings, kind, values)
    made = Connection(
        name=name,
        kind=kind.name,
        settings=plain_values(kind, values),
        secrets=seal_secrets(context.settings, kind, values, place=(domain.id, name)),
        created_at=context.now,
        updated_at=context.now,
    )
    created_at = store.upsert(context.transaction, domain.id, made)
    _note(context, domain, "connection.put", name)
    return replace(made, created_at=created_at).as_answer(domain.name)


@operation("ListConnections", reads_only=True, route=Route("GET", PATH, ListConnectionsRequest))
def list_connections(context: Context, request: ListConnectionsRequest) -> Answer:
    """The connections of a domain by name, without their secrets."""
    domain = domains.require(context, request["DomainName"])
    found = store.list_all(context.transaction, domain.id)
    return {"Items": [connection.as_answer(domain.name) for connection in found]}


@operation("DeleteConnection", route=Route("DELETE", PATH, ConnectionRequest))
def delete_connection(context: Context, request: ConnectionRequest) -> Answer:
    """Forget a connection and its secrets; runs that need it fail from now on."""
    domain = domains.require_for_write(context, request["DomainName"])
    if not store.delete(context.transaction, domain.id, request["Name"]):
        raise _missing(domain)
    _note(context, domain, "connection.deleted", request["Name"])
    return {"Message": "OK"}


@operation(
    "TestConnection", reads_only=True, route=Route("POST", f"{PATH}/test", ConnectionRequest)
)
def test_connection(context: Context, request: ConnectionRequest) -> Answer:
    """Reach a source and be let in; the names of what can be pulled.

    BadRequest with the source's reason when that fails.
    """
    domain = domains.require(context, request["DomainName"])
    found = store.find(context.transaction, domain.id, request["Name"])
    if found is None:
        raise _missing(domain)
    try:
        connector = open_connector(context.settings, found.kind, found, domain_id=domain.id)
        try:
            connector.check()
            objects = [item.name for item in connector.objects()]
        finally:
            connector.close()
    except (CannotOpen, SourceError) as problem:
        raise BadRequest(str(problem)) from problem
    return {"Objects": objects[:MOST_OBJECTS]}


def _missing(domain: domains.Domain) -> ResourceNotFound:
    return ResourceNotFound(f"Domain {domain.name} has no connection of this name")


def _note(context: Context, domain: domains.Domain, kind: str, name: str) -> None:
    entry = journal.Entry(kind=kind, subject=name)
    journal.append(context.transaction, domain.id, [entry], caller=context.caller, now=context.now)


OPERATIONS: tuple[Operation, ...] = (
    list_connector_kinds,
    put_connection,
    list_connections,
    delete_connection,
    test_connection,
)
