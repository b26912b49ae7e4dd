"""Streams of JSON records in Amazon Kinesis Data Streams, or in what speaks like it."""

from openprofiles.connectors.kinesis.kind import KIND, STREAM_SETTINGS, open_stream
from openprofiles.connectors.kinesis.reading import StreamConnector

__all__ = ["KIND", "STREAM_SETTINGS", "StreamConnector", "open_stream"]
