"""Who calls: the key that signed a request, or, where any signature is accepted, the key id that it
names.

With `auth = "open"` that is a name for logs and the journal, not a proof.
"""

import re
from collections.abc import Mapping
from typing import Any

from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.wire.sources import Sources
from openprofiles.wire.verifying import Proof

ANONYMOUS = "anonymous"
CREDENTIAL = re.compile(r"(?:Credential=|X-Amz-Credential=)([A-Za-z0-9_]{1,128})(?:/|%2F)")


def claimed_caller(
    environ: Mapping[str, Any], settings: Settings, sources: Sources, request_id: str
) -> Caller:
    """The caller that a request says it has, `anonymous` when it is not signed; may do all."""
    found = CREDENTIAL.search(
        environ.get("HTTP_AUTHORIZATION") or environ.get("QUERY_STRING") or ""
    )
    return Caller(
        account_id=settings.account_id,
        region=settings.region,
        principal=found[1] if found else ANONYMOUS,
        request_id=request_id,
        source_ip=sources.address_of(environ),
        is_secure=sources.is_secure(environ),
    )


def proven_caller(proof: Proof, settings: Settings, request_id: str, *, is_secure: bool) -> Caller:
    """The caller whose key has signed; may do what the key's policies allow."""
    key = proof.key
    return Caller(
        account_id=key.account_id,
        region=settings.region,
        principal=key.name,
        request_id=request_id,
        principal_arn=key.principal_arn,
        access_key_id=key.access_key_id,
        policies=key.policies,
        source_ip=proof.address,
        signed_region=proof.claim.scope.region,
        is_secure=is_secure,
    )
