"""What the Uri of an integration says about its source (core reference §9.2).

Any text is a Uri. The forms are recognised only to drive connectors of our own, and where AWS has
rules of its own for one.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["flow", "bucket", "stream", "instance", "events", "campaigns", "connector", "other"]

_FORMS: dict[Kind, re.Pattern[str]] = {
    "flow": re.compile(r"arn:[a-z-]+:appflow:[^:]*:[^:]*:flow/(?P<name>.+)"),
    "bucket": re.compile(r"(?:arn:[a-z-]+:s3:[^:]*:[^:]*:|s3://)(?P<name>[^/]+(?:/.*)?)"),
    "stream": re.compile(r"(?P<name>arn:[a-z-]+:kinesis:[^:]*:[^:]*:stream/[^/]+)"),
    "instance": re.compile(r"arn:[a-z-]+:connect:[^:]*:[^:]*:instance/(?P<name>[^/]+)"),
    "events": re.compile(
        r"arn:[a-z-]+:app-integrations:[^:]*:[^:]*:event-integration/(?P<name>.+)"
    ),
    # Of our own: a kind of source that no ConnectorType names, a connection, an object.
    "connector": re.compile(r"connector://(?P<name>[^/]+/[^/]+/.+)"),
    "campaigns": re.compile(r"arn:[a-z-]+:connect-campaigns:[^:]*:[^:]*:(?P<name>.+)"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a Uri; `name` is a flow, a bucket with a prefix, a stream's ARN, an instance, or
    kind, connection and object.
    """

    kind: Kind
    name: str


def form_of(uri: str) -> Form:
    """The form that a Uri has."""
    for kind, pattern in _FORMS.items():
        if match := pattern.fullmatch(uri):
            return Form(kind, match["name"])
    return Form("other", uri)


def uri_of_flow(name: str, *, region: str, account_id: str) -> str:
    """The Uri of the flow called `name`, as AppFlow would make it."""
    return f"arn:aws:appflow:{region}:{account_id}:flow/{name}"
