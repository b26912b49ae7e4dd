"""Contact records of Amazon Connect, from the stream that an instance writes them to, or from the
files that Firehose makes of it."""

from openprofiles.connectors.contact_records.kind import KIND

__all__ = ["KIND"]
