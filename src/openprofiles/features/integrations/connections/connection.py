"""A connection: what is stored of it, and the connector that it opens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from openprofiles.connectors import (
    Connector,
    ConnectorKind,
    SourceRefused,
    UnknownKind,
    reaching,
    require,
)
from openprofiles.core.errors import BadRequest
from openprofiles.core.settings import Settings
from openprofiles.storage.sealing import Unsealable, open_seal


class CannotOpen(Exception):
    """A source cannot be opened until somebody changes something; the text says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A named way to a source of a kind; `secrets` are the sealed values of its secret settings."""

    name: str
    kind: str
    settings: Mapping[str, str]
    secrets: bytes
    created_at: datetime
    updated_at: datetime

    def as_answer(self, domain_name: str) -> dict[str, Any]:
        """The connection without its secrets."""
        return {
            "DomainName": domain_name,
            "Name": self.name,
            "Kind": self.kind,
            "Settings": dict(self.settings),
            "CreatedAt": self.created_at,
            "LastUpdatedAt": self.updated_at,
        }


def require_kind(name: str) -> ConnectorKind:
    """A kind of source; BadRequest when it is not installed."""
    try:
        return require(name)
    except UnknownKind as error:
        raise BadRequest(str(error)) from error


def require_values(settings: Settings, kind: ConnectorKind, values: Mapping[str, str]) -> None:
    """Pass when `values` are what a kind of source needs; BadRequest naming the setting, never a
    value.
    """
    known = {setting.name: setting for setting in kind.settings}
    if values.keys() - known.keys():
        raise BadRequest(f"{kind.name} has the settings {', '.join(known)}, and no other")
    missing = [
        name for name, setting in known.items() if setting.is_required and name not in values
    ]
    if missing:
        raise BadRequest(f"{kind.name} needs {', '.join(missing)}")
    try:
        with reaching(settings.source_addresses):
            kind.open(values).close()
    except SourceRefused as refusal:
        raise BadRequest(str(refusal)) from refusal


def seal_secrets(
    settings: Settings, kind: ConnectorKind, values: Mapping[str, str], *, place: tuple[int, str]
) -> bytes:
    """The secret ones of `values`, sealed for the connection at `place`: its domain's id and
    name.
    """
    names = _secret_names(kind)
    secrets = {name: value for name, value in values.items() if name in names}
    return open_seal(settings).close(msgspec.json.encode([*place, secrets]))


def plain_values(kind: ConnectorKind, values: Mapping[str, str]) -> dict[str, str]:
    """Those of `values` that may be seen."""
    names = _secret_names(kind)
    return {name: value for name, value in values.items() if name not in names}


def open_connector(
    settings: Settings,
    kind_name: str,
    connection: Connection | None,
    *,
    domain_id: int,
    values: Mapping[str, str] | None = None,
) -> Connector:
    """A connector of a kind, with a connection's values or, without one, `values`, else where the
    service has its buckets.

    Raises CannotOpen when the kind is not installed, the connection is another kind's, its secrets
    cannot be read, or it is refused.
    """
    try:
        kind = require(kind_name)
        if connection is not None and connection.kind != kind.name:
            raise CannotOpen(f"The connection is one of {connection.kind}, not of {kind.name}")
        if connection is None:
            return kind.open(values or _values_of_service(settings))
        with reaching(settings.source_addresses):
            return kind.open(_values(settings, connection, domain_id))
    except (UnknownKind, SourceRefused, Unsealable) as problem:
        raise CannotOpen(str(problem)) from problem


def _values(settings: Settings, connection: Connection, domain_id: int) -> dict[str, str]:
    place_and_secrets = msgspec.json.decode(open_seal(settings).open(connection.secrets))
    *place, secrets = place_and_secrets
    if place != [domain_id, connection.name]:
        raise Unsealable("The secrets of the connection are those of another one")
    return {**connection.settings, **secrets}


def _values_of_service(settings: Settings) -> dict[str, str]:
    """What a source without a connection is opened with: where the service has its buckets."""
    values = {"url": settings.buckets_url, "region": settings.region}
    if settings.s3_endpoint_url is not None:
        values["endpoint"] = settings.s3_endpoint_url
    return values


def _secret_names(kind: ConnectorKind) -> set[str]:
    return {setting.name for setting in kind.settings if setting.is_secret}
