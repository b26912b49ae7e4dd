"""Who signed a request: its claim is checked before its body is read, its signature before that is
parsed.
"""

import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core.clock import Clock, system_clock
from openprofiles.core.credentials import AccessKey, FindAccessKey, KeyExpired
from openprofiles.core.errors import Throttling
from openprofiles.core.settings import Settings, listed
from openprofiles.wire import signing
from openprofiles.wire.limiting import TokenBuckets
from openprofiles.wire.signing import Claim, Refused
from openprofiles.wire.sources import neighbourhood_of

SERVICE = "profile"
NOBODYS_SECRET = "x" * 40
"""What signatures of unknown keys are checked with, so that it takes as long as with a key's."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """A request on its way to being proven: what it claims, and the key that must have signed."""

    claim: Claim
    key: AccessKey
    environ: Mapping[str, Any]
    paths: Sequence[str]
    address: str | None


class Verifier:
    """Checks signatures with the keys that `find_key` knows."""

    def __init__(
        self, find_key: FindAccessKey, settings: Settings, clock: Clock = system_clock
    ) -> None:
        self._find_key = find_key
        self._clock = clock
        self._regions = (settings.region, *listed(settings.signing_regions))
        self._failures = Failures(settings.auth_failures_per_minute)

    def begin(self, environ: Mapping[str, Any], paths: Sequence[str], address: str | None) -> Proof:
        """Check all that can be checked without the body, and the signature, too, if the request
        says what its body's hash is.

        `paths` are those that the request line may have had. Raises Refused, and Throttling when
        the key or the address has failed too often.
        """
        claim: Claim | None = None
        try:
            claim = signing.claim_of(environ)
            self._failures.require_room(claim.access_key_id, address)
            return self._begin(claim, environ, paths, address)
        except Refused as refused:
            self._note(refused, claim, address)
            raise

    def finish(self, proof: Proof, body: bytes) -> None:
        """Check the body against what was signed; raises Refused and Throttling."""
        try:
            said = proof.claim.payload_hash
            actual = signing.payload_hash_of(body)
            if said is None:
                _require_signature(proof, actual)
            elif not hmac.compare_digest(said, actual):
                raise Refused(signing.INVALID, signing.WRONG_SIGNATURE)
        except Refused as refused:
            self._note(refused, proof.claim, proof.address)
            raise

    def _begin(
        self, claim: Claim, environ: Mapping[str, Any], paths: Sequence[str], address: str | None
    ) -> Proof:
        signing.require_scope(claim.scope, claim.stamp, service=SERVICE, regions=self._regions)
        signing.require_current(claim, self._clock())
        signing.require_signed_payload(claim.payload_hash)
        try:
            key = self._find_key(claim.access_key_id)
        except KeyExpired:
            raise Refused(signing.EXPIRED, signing.OLD_TOKEN) from None
        if key is None:
            payload_hash = claim.payload_hash or signing.payload_hash_of(b"")
            signing.is_signed_with(claim, NOBODYS_SECRET, environ, paths, payload_hash)
            raise Refused(signing.UNRECOGNIZED, signing.WRONG_TOKEN)
        given, wanted = claim.token or "", key.session_token or ""
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Refused(signing.UNRECOGNIZED, signing.WRONG_TOKEN)
        proof = Proof(claim, key, environ, paths, address)
        if claim.payload_hash is not None:
            _require_signature(proof, claim.payload_hash)
        return proof

    def _note(self, refused: Refused, claim: Claim | None, address: str | None) -> None:
        access_key_id = None if claim is None else claim.access_key_id
        self._failures.count(access_key_id, address)
        fields = {"code": refused.code, "access_key_id": access_key_id, "address": address}
        logger.info("A request was refused", extra=fields)


class Failures:
    """Requests that proved nothing, by key and by address: so many a minute are told why.

    An address that is over it gets no further with a key that is over it, too. Whoever is over one
    of the two is still let in with a right signature: a flood neither locks out the owner of the
    key that it names, nor others who come from its address.
    """

    def __init__(self, per_minute: int) -> None:
        """0 = any number."""
        self._buckets = (
            TokenBuckets(burst=per_minute, per_second=per_minute / 60) if per_minute > 0 else None
        )

    def require_room(self, access_key_id: str, address: str | None) -> None:
        """Throttling when both the key and the address have failed too often."""
        if self._buckets is None or not self._buckets.is_empty(("key", access_key_id)):
            return
        if self._buckets.is_empty(("address", neighbourhood_of(address))):
            raise _too_often()

    def count(self, access_key_id: str | None, address: str | None) -> None:
        """Count a failure; Throttling when the key or the address had too many before."""
        if self._buckets is None:
            return
        has_room = self._buckets.take(("address", neighbourhood_of(address)))
        if access_key_id is not None:
            has_room = self._buckets.take(("key", access_key_id)) and has_room
        if not has_room:
            raise _too_often() from None


def _require_signature(proof: Proof, payload_hash: str) -> None:
    claim, secret = proof.claim, proof.key.secret
    if not signing.is_signed_with(claim, secret, proof.environ, proof.paths, payload_hash):
        raise Refused(signing.INVALID, signing.WRONG_SIGNATURE)


def _too_often() -> Throttling:
    return Throttling("Rate exceeded")
