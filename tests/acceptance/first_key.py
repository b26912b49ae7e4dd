"""The key that a service prints at its first start, and what it takes to sign plain requests."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Key:
    """An access key as its owner has it."""

    id: str
    secret: str

    def headers(self, method: str, url: str, body: bytes = b"") -> dict[str, str]:
        """The headers, besides Host, of a request that this key signs."""
        request = AWSRequest(method=method, url=url, data=body)
        SigV4Auth(Credentials(self.id, self.secret), "profile", "us-east-1").add_auth(request)
        return dict(request.headers.items())


def first_key(introduction: Sequence[str]) -> Key:
    """The key in what a service that asks for signatures said at its first start."""
    said = "\n".join(introduction)
    found = re.search(r"_KEY_ID=(\S+)\s+AWS_SECRET_ACCESS_KEY=(\S+)", said)
    assert found is not None, "it showed no key"
    return Key(found[1], found[2])
