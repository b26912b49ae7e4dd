"""What can be tagged, and how an ARN names it (core reference §1.5, extended reference §1.5)."""

import re
from dataclasses import dataclass

from openprofiles.core.errors import BadRequest
from openprofiles.core.text import require_storable

KINDS = frozenset(
    {
        "calculated-attributes",
        "domain-object-types",
        "event-streams",
        "event-triggers",
        "integrations",
        "layouts",
        "object-types",
        "recommender-filters",
        "recommender-schemas",
        "recommenders",
        "segment-definitions",
    }
)
"""What a domain holds that can be tagged; profiles, objects, keys, matches and jobs have no ARN."""

# The name may hold colons and slashes: an integration's is its Uri, verbatim.
ARN = re.compile(
    r"arn:[a-z0-9-]{1,16}:profile:(?P<region>[^:]+):(?P<account_id>[^:]+)"
    r":domains/(?P<domain_name>[^/]+)(?:/(?P<kind>[^/]+)/(?P<name>.+))?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A domain (no kind, no name) or something inside it."""

    region: str
    account_id: str
    domain_name: str
    kind: str | None
    name: str | None

    @property
    def path(self) -> str:
        """What follows the domain in the ARN; empty for the domain itself."""
        return f"{self.kind}/{self.name}" if self.kind else ""


def parse(arn: str) -> Resource:
    """The resource that `arn` names; BadRequest when malformed or of a kind without tags."""
    require_storable("resourceArn", arn)
    match = ARN.fullmatch(arn)
    if match is None:
        raise BadRequest("resourceArn is not the ARN of a domain or of a resource inside one")
    if match["kind"] is not None and match["kind"] not in KINDS:
        raise BadRequest("resourceArn names a kind of resource that cannot be tagged")
    return Resource(**match.groupdict())
