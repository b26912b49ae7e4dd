"""Who calls: the access key id that a request says it is signed with.

With `auth = "open"` any signature is accepted, so this is a name for logs and the journal, not a
proof.
"""

import re
from collections.abc import Mapping
from typing import Any

from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings

ANONYMOUS = "anonymous"
CREDENTIAL = re.compile(r"(?:Credential=|X-Amz-Credential=)([A-Za-z0-9_]{1,128})(?:/|%2F)")


def caller_of(environ: Mapping[str, Any], settings: Settings, request_id: str) -> Caller:
    """The caller of a request, `anonymous` when it is not signed."""
    found = CREDENTIAL.search(
        environ.get("HTTP_AUTHORIZATION") or environ.get("QUERY_STRING") or ""
    )
    return Caller(
        account_id=settings.account_id,
        region=settings.region,
        principal=found[1] if found else ANONYMOUS,
        request_id=request_id,
    )
