"""AWS's own signed requests: our signature of each is AWS's."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from openprofiles.wire import signing
from openprofiles.wire.canonical import (
    canonical_headers,
    canonical_path,
    canonical_query,
    canonical_request,
)
from openprofiles.wire.signing import Claim, Scope

SUITE = json.loads((Path(__file__).parent / "signing_cases" / "v4.json").read_text("utf-8"))
CONTEXT = SUITE["context"]
SCOPE = Scope(date="20150830", region=CONTEXT["region"], service=CONTEXT["service"])


def _cases(form: str) -> list[Any]:
    return [
        pytest.param(case, id=case["id"]) for case in SUITE["cases"] if f"{form}_request" in case
    ]


def _environ_of(request: str) -> tuple[dict[str, Any], str, bytes]:
    """The environ, the path as it was sent, and the body of a request of the suite."""
    head, _, body = request.partition("\n\n")
    # A line that begins with a space goes on with the header before, as another value.
    lines: list[str] = []
    for line in head.split("\n"):
        if line.startswith(" "):
            lines[-1] += "," + line.strip()
        else:
            lines.append(line)
    method, _, rest = lines[0].partition(" ")
    path, _, query = rest.removesuffix(" HTTP/1.1").partition("?")
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "QUERY_STRING": query}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value.strip()}" if key in environ else value.strip()
    return environ, path, body.encode()


@pytest.mark.parametrize("case", _cases("header_signed"))
def test_a_signature_in_the_header_is_that_of_aws(case):
    environ, path, body = _environ_of(case["header_signed_request"])
    _, _, rest = environ["HTTP_AUTHORIZATION"].partition(" ")
    given = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    claim = _claim(tuple(given["SignedHeaders"].split(";")), given["Signature"], presigned=False)

    assert _is_signed(claim, environ, path, body)
    assert not _is_signed(claim, {**environ, "REQUEST_METHOD": "PUT"}, path, body)


@pytest.mark.parametrize("case", _cases("query_signed"))
def test_a_signature_in_the_query_is_that_of_aws(case):
    environ, path, body = _environ_of(case["query_signed_request"])
    given = dict(pair.partition("=")[::2] for pair in environ["QUERY_STRING"].split("&"))
    names = tuple(unquote(given["X-Amz-SignedHeaders"]).split(";"))
    claim = _claim(names, given["X-Amz-Signature"], presigned=True)

    assert _is_signed(claim, environ, path, body)
    assert not _is_signed(claim, environ, path + "x", body)
    for form, text in _forms(claim, environ, path, body).items():
        assert text == case.get(form, text)


def _claim(names: tuple[str, ...], signature: str, *, presigned: bool) -> Claim:
    return Claim(
        access_key_id=CONTEXT["access_key_id"],
        scope=SCOPE,
        stamp="20150830T123600Z",
        signed_headers=names,
        signature=signature,
        token=None,
        payload_hash=None,
        lifetime=signing.WINDOW if presigned else None,
    )


def _is_signed(claim: Claim, environ: dict[str, Any], path: str, body: bytes) -> bool:
    secret, payload_hash = CONTEXT["secret_access_key"], signing.payload_hash_of(body)
    return signing.is_signed_with(claim, secret, environ, [path], payload_hash)


def _forms(claim: Claim, environ: dict[str, Any], path: str, body: bytes) -> dict[str, str]:
    payload_hash = signing.payload_hash_of(body)
    request = canonical_request(
        environ["REQUEST_METHOD"],
        canonical_path(path),
        canonical_query(environ["QUERY_STRING"], without="X-Amz-Signature"),
        canonical_headers(environ, claim.signed_headers) or "",
        ";".join(claim.signed_headers),
        payload_hash,
    )
    [text] = signing.strings_to_sign(claim, environ, [path], payload_hash)
    return {"query_canonical_request": request.decode(), "query_string_to_sign": text}
