"""The kind of source that is a Kinesis stream."""

from collections.abc import Mapping

from openprofiles.connectors.connector import ConnectorKind, Setting, SourceRefused
from openprofiles.connectors.kinesis.client import Stream
from openprofiles.connectors.kinesis.reading import StreamConnector


def _optional(name: str, text: str, *, is_secret: bool = False) -> Setting:
    return Setting(name=name, text=text, is_secret=is_secret, is_required=False)


STREAM_SETTINGS = (
    _optional("stream_name", "The stream's name, or its ARN"),
    _optional("region", "Its region; unless given, that of the ARN or of AWS's tools"),
    _optional("endpoint", "A server that takes the place of AWS's"),
    _optional("access_key_id", "The access key; without it, as AWS's tools find theirs"),
    _optional("secret_access_key", "The secret of the access key", is_secret=True),
    _optional("session_token", "The token of temporary credentials", is_secret=True),
)
"""What a connection to a stream needs."""


def open_stream(settings: Mapping[str, str]) -> StreamConnector:
    """A connector to the stream that settings name; SourceRefused when they name none."""
    name = settings.get("stream_name", "")
    if not name:
        raise SourceRefused("stream_name is missing")
    return StreamConnector(Stream(name, settings))


KIND = ConnectorKind(
    name="Kinesis",
    text="JSON records of a Kinesis stream",
    settings=STREAM_SETTINGS,
    open=open_stream,
)
