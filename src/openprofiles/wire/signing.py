"""AWS Signature Version 4: what a signed request claims, and the signature it must have.

Everything here is pure. A request says who signed it in one of two places: the `Authorization`
header, or the query of a presigned URL. The rules are those of the IAM user guide ("AWS Signature
Version 4 for API requests"); the errors and their texts are those that AWS's rest-json services
answer, less what they quote of the request.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from openprofiles.wire.canonical import (
    canonical_headers,
    canonical_path,
    canonical_query,
    canonical_request,
)

ALGORITHM = "AWS4-HMAC-SHA256"
ASYMMETRIC = "AWS4-ECDSA-P256-SHA256"
TERMINATOR = "aws4_request"
WINDOW = timedelta(minutes=5)
LONGEST_LIFETIME = 604_800
"""How many seconds a presigned URL may live: a week."""

EXPIRED = "ExpiredTokenException"
INCOMPLETE = "IncompleteSignatureException"
INVALID = "InvalidSignatureException"
MISSING = "MissingAuthenticationTokenException"
UNRECOGNIZED = "UnrecognizedClientException"

WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)
OLD_TOKEN = "The security token included in the request is expired"  # noqa: S105 (a sentence)
WRONG_TOKEN = "The security token included in the request is invalid."  # noqa: S105 (a sentence)

STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")
KEY_ID = re.compile(r"[A-Za-z0-9_]{1,128}")
HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
HEX_256 = re.compile(r"[0-9a-f]{64}")

ADDED_ON_THE_WAY = frozenset({"HTTP_X_AMZ_CF_ID"})
"""Headers of AWS's own that CloudFront adds to requests which were signed before."""

IN_QUERY = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)
TOKEN_IN_QUERY = "X-Amz-Security-Token"  # noqa: S105 (a name)
HASH_IN_QUERY = "X-Amz-Content-Sha256"


class Refused(Exception):
    """A request that does not prove who sent it; `code` is the error's name at AWS."""

    status = 403

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a signature is good for."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who a request says it is from, and what it offers as proof."""

    access_key_id: str
    scope: Scope
    stamp: str
    signed_headers: tuple[str, ...]
    signature: str
    token: str | None = field(repr=False)
    payload_hash: str | None
    """What it says its body's hash is."""
    lifetime: timedelta | None
    """Of a presigned URL; None when it is signed in its header."""

    @property
    def is_presigned(self) -> bool:
        """Whether the signature is in the query."""
        return self.lifetime is not None


def claim_of(environ: Mapping[str, Any]) -> Claim:
    """What a request claims; raises Refused when it claims nothing, or not as it should."""
    authorization = environ.get("HTTP_AUTHORIZATION")
    query = environ.get("QUERY_STRING", "")
    presigned = _signing_parameters(query) if "X-Amz-" in query else {}
    if presigned.keys() & {"X-Amz-Algorithm", "X-Amz-Signature"}:
        if authorization is not None:
            raise Refused(INCOMPLETE, "A request is signed in its header or its query, not in both")
        return _claim_of_query(environ, presigned)
    if authorization is None:
        raise Refused(MISSING, "Missing Authentication Token")
    return _claim_of_header(environ, authorization)


def _claim_of_header(environ: Mapping[str, Any], authorization: str) -> Claim:
    algorithm, _, rest = authorization.strip().partition(" ")
    _require_algorithm(algorithm)
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    given = environ.get("HTTP_X_AMZ_DATE") or environ.get("HTTP_DATE") or ""
    lacking = [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    if not given:
        lacking.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if lacking:
        raise Refused(INCOMPLETE, " ".join(lacking))
    access_key_id, scope = _credential(parts["Credential"])
    return Claim(
        access_key_id=access_key_id,
        scope=scope,
        stamp=_stamp(given),
        signed_headers=_signed_headers(parts["SignedHeaders"], environ),
        signature=parts["Signature"],
        token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
        payload_hash=environ.get("HTTP_X_AMZ_CONTENT_SHA256"),
        lifetime=None,
    )


def _claim_of_query(environ: Mapping[str, Any], given: dict[str, str]) -> Claim:
    lacking = [name for name in IN_QUERY if not given.get(name)]
    if lacking:
        said = " ".join(f"AWS query-string parameters must include '{name}'." for name in lacking)
        raise Refused(INCOMPLETE, f"{said} Re-examine the query-string parameters.")
    _require_algorithm(given["X-Amz-Algorithm"])
    access_key_id, scope = _credential(given["X-Amz-Credential"])
    lifetime = given["X-Amz-Expires"]
    is_number = lifetime.isascii() and lifetime.isdecimal() and len(lifetime) <= 6
    if not is_number or not 1 <= int(lifetime) <= LONGEST_LIFETIME:
        raise Refused(INCOMPLETE, f"X-Amz-Expires is a number from 1 to {LONGEST_LIFETIME}")
    return Claim(
        access_key_id=access_key_id,
        scope=scope,
        stamp=_stamp(given["X-Amz-Date"]),
        signed_headers=_signed_headers(given["X-Amz-SignedHeaders"], environ),
        signature=given["X-Amz-Signature"],
        token=given.get(TOKEN_IN_QUERY) or environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
        payload_hash=given.get(HASH_IN_QUERY) or environ.get("HTTP_X_AMZ_CONTENT_SHA256"),
        lifetime=timedelta(seconds=int(lifetime)),
    )


def _signing_parameters(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name in IN_QUERY or name in (TOKEN_IN_QUERY, HASH_IN_QUERY):
            if name in found:
                raise Refused(INCOMPLETE, f"The query has '{name}' twice")
            found[name] = unquote(value.replace("+", " "))
    return found


def without_signature(query: str) -> str:
    """A query less what signs it, which is no operation's business."""
    if "X-Amz-Signature=" not in query:
        return query
    signing = {*IN_QUERY, TOKEN_IN_QUERY, HASH_IN_QUERY}
    return "&".join(pair for pair in query.split("&") if pair.partition("=")[0] not in signing)


def _require_algorithm(algorithm: str) -> None:
    if algorithm == ALGORITHM:
        return
    if algorithm == ASYMMETRIC:
        raise Refused(
            INCOMPLETE,
            f"This service does not take signatures of version 4a: sign with {ALGORITHM}",
        )
    raise Refused(INCOMPLETE, f"Unsupported AWS 'algorithm': sign with {ALGORITHM}")


def _credential(text: str) -> tuple[str, Scope]:
    parts = text.split("/")
    if len(parts) != 5 or not KEY_ID.fullmatch(parts[0]):
        raise Refused(
            INCOMPLETE,
            "Credential must have 5 slash-separated elements: keyid/date/region/service/term",
        )
    access_key_id, date, region, service, term = parts
    if term != TERMINATOR:
        raise Refused(INVALID, f"Credential should be scoped with a valid terminator: {TERMINATOR}")
    return access_key_id, Scope(date=date, region=region, service=service)


def _stamp(text: str) -> str:
    if STAMP.fullmatch(text):
        return text
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is not None:
            return stamp_of(moment)
    except (ValueError, OverflowError):
        pass
    raise Refused(INCOMPLETE, "Date must be in ISO-8601 'basic format', as in 20151231T235959Z")


def _signed_headers(text: str, environ: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(text.split(";"))
    if len(set(names)) < len(names) or not all(map(HEADER_NAME.fullmatch, names)):
        raise Refused(INCOMPLETE, "SignedHeaders are names of headers in lower case, each once")
    if "host" not in names:
        raise Refused(
            INVALID, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    for key in environ:
        if key.startswith("HTTP_X_AMZ_") and key not in ADDED_ON_THE_WAY:
            name = key[5:].lower().replace("_", "-")
            if name not in names:
                raise Refused(
                    INVALID, f"'{name}' must be a 'SignedHeader' in the AWS Authorization."
                )
    return names


def require_scope(scope: Scope, stamp: str, *, service: str, regions: Sequence[str]) -> None:
    """Refused unless the signature is for this service, one of its regions, and its own date."""
    if scope.date != stamp[:8]:
        raise Refused(
            INVALID,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            "HTTP",
        )
    if scope.region not in regions:
        raise Refused(
            INVALID, f"Credential should be scoped to a valid region: {', '.join(regions)}"
        )
    if scope.service != service:
        raise Refused(INVALID, f"Credential should be scoped to correct service: '{service}'.")


def require_current(claim: Claim, now: datetime) -> None:
    """Refused when a request was signed too long ago, or for a time to come."""
    moment = _moment(claim.stamp)
    said_now = stamp_of(now)
    if moment > now + WINDOW:
        raise Refused(
            INVALID,
            f"Signature not yet current: {claim.stamp} is still later than "
            f"{stamp_of(now + WINDOW)} ({said_now} + 5 min.)",
        )
    if claim.lifetime is None and moment < now - WINDOW:
        raise Refused(
            INVALID,
            f"Signature expired: {claim.stamp} is now earlier than {stamp_of(now - WINDOW)} "
            f"({said_now} - 5 min.)",
        )
    if claim.lifetime is not None and moment + claim.lifetime < now:
        expired = stamp_of(moment + claim.lifetime)
        raise Refused(INVALID, f"Signature expired: {expired} is now earlier than {said_now}")


def _moment(stamp: str) -> datetime:
    year, month, day = int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])
    hour, minute, second = int(stamp[9:11]), int(stamp[11:13]), int(stamp[13:15])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise Refused(INCOMPLETE, "The date of the request is no date") from error


def stamp_of(moment: datetime) -> str:
    """A moment as signatures have it: ISO 8601, basic format."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def require_signed_payload(payload_hash: str | None) -> None:
    """Refused when the body's hash is not said as one: unsigned and chunked are S3's, not ours.

    Other services of AWS hash the body whatever `x-amz-content-sha256` says, so that a request with
    one of these words has a wrong signature there; here it is told why.
    """
    if payload_hash is None or HEX_256.fullmatch(payload_hash):
        return
    if payload_hash == "UNSIGNED-PAYLOAD":
        raise Refused(INVALID, f"{WRONG_SIGNATURE} This service does not take unsigned payloads.")
    if payload_hash.startswith("STREAMING-"):
        raise Refused(
            INVALID, f"{WRONG_SIGNATURE} This service does not take payloads signed in chunks."
        )
    raise Refused(INVALID, WRONG_SIGNATURE)


def payload_hash_of(body: bytes) -> str:
    """The hash of a body."""
    return hashlib.sha256(body).hexdigest()


def strings_to_sign(
    claim: Claim, environ: Mapping[str, Any], paths: Sequence[str], payload_hash: str
) -> list[str]:
    """What must have been signed, for each of the paths that the request line may have had.

    Empty when the request lacks a header that was signed.
    """
    headers = canonical_headers(environ, claim.signed_headers)
    if headers is None:
        return []
    without = "X-Amz-Signature" if claim.is_presigned else None
    query = canonical_query(environ.get("QUERY_STRING", ""), without=without)
    signed = ";".join(claim.signed_headers)
    method = environ["REQUEST_METHOD"]
    return [
        string_to_sign(
            claim.stamp,
            claim.scope,
            canonical_request(method, path, query, headers, signed, payload_hash),
        )
        for path in {canonical_path(path): None for path in paths}
    ]


def string_to_sign(stamp: str, scope: Scope, request: bytes) -> str:
    """What is signed of a canonical request."""
    return f"{ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(request).hexdigest()}"


def signature_of(text: str, secret: str, scope: Scope) -> str:
    """The signature of a string to sign."""
    key = _signing_key(secret, scope.date, scope.region, scope.service)
    return hmac.digest(key, text.encode(), "sha256").hex()


# A key is good for a day, a region and a service, so the next request needs no new one.
@lru_cache(maxsize=1024)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, TERMINATOR):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def is_signed_with(
    claim: Claim, secret: str, environ: Mapping[str, Any], paths: Sequence[str], payload_hash: str
) -> bool:
    """Whether the claim's signature was made with `secret`; takes as long whatever differs."""
    given = claim.signature if HEX_256.fullmatch(claim.signature) else "-"
    # Each is compared, so that the time does not tell which of them was right.
    same = [
        hmac.compare_digest(signature_of(text, secret, claim.scope), given)
        for text in strings_to_sign(claim, environ, paths, payload_hash)
    ]
    return any(same)
