"""The canonical form of a request, which AWS Signature Version 4 signs and hashes.

As the IAM user guide's "Create a signed AWS API request" has it for services other than S3: the
path as it is sent is encoded once more, after dots and repeated slashes are resolved; names and
values of the query are encoded and sorted; headers are lower-cased, trimmed, and their inner spaces
squeezed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote_to_bytes

_PLAIN = re.compile(r"[A-Za-z0-9\-._~]*")
_PLAIN_PATH = re.compile(r"(?:/[A-Za-z0-9\-_~]+)+")
_SPACES = re.compile(r" {2,}")
_PLACES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def canonical_request(
    method: str, path: str, query: str, headers: str, signed_headers: str, payload_hash: str
) -> bytes:
    """The six lines that are hashed; `path`, `query` and `headers` are canonical already."""
    lines = (method, path, query, headers, signed_headers, payload_hash)
    # A WSGI server decodes headers as Latin-1; who signed them has hashed the bytes.
    return "\n".join(lines).encode("latin-1", "backslashreplace")


def canonical_path(path: str) -> str:
    """The path of the request line, dots and repeated slashes resolved, encoded once more."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    return quote(_resolved(path), safe="/")


def canonical_query(query: str, *, without: str | None = None) -> str:
    """The query, each name and value encoded, sorted; less the parameter `without`.

    A `+` is a space, as it is for those who read the query after the signature was checked; what is
    encoded badly stays as it is, percent sign and all.
    """
    if not query:
        return ""
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    encoded = [(_encoded(name), _encoded(value)) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded) if name != without)


def canonical_headers(environ: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """A line for each of the named headers; None when the request lacks one of them."""
    lines = []
    for name in names:
        value = environ.get(_PLACES.get(name) or "HTTP_" + name.upper().replace("-", "_"))
        if value is None:
            return None
        lines.append(f"{name}:{_SPACES.sub(' ', value.strip())}\n")
    return "".join(lines)


def _encoded(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return quote(unquote_to_bytes(text.replace("+", " ")), safe="")


def _resolved(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return "/" + "/".join(kept) + end
