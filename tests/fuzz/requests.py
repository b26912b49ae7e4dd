"""Requests from a seed and a number: made from the model and our own shapes, then spoilt."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin
from typing import get_type_hints as hints
from urllib.parse import quote, urlencode

from openprofiles.core.operation import Route
from openprofiles.features.invoke import OPERATIONS
from openprofiles.wire.model import operation_models
from openprofiles.wire.own_routes import PREFIX
from tests.wire.bad_requests import mutations_of, valid_parameters
from tests.wire.calling import Request, request_of

AWS = [model for model in operation_models() if model.name in OPERATIONS]
OWN = {name: known.route for name, known in OPERATIONS.items() if known.route is not None}

REACHING_OUT = frozenset({"TestConnection", "PutConnection"})
"""Not to be asked with what they would understand: they lead to other machines."""

TOKEN = '"@@"'
"""Stands in the JSON where what is no JSON of ours comes."""

HOSTILE: tuple[Callable[[Random], str], ...] = (
    lambda lot: "[" * lot.choice([50, 5000, 200_000]),
    lambda lot: '{"a":' * lot.choice([50, 5000, 100_000]),
    lambda lot: "[" * (n := lot.choice([30, 900, 3000])) + "]" * n,
    lambda lot: '{"a":' * (n := lot.choice([30, 900, 3000])) + "1" + "}" * n,
    lambda lot: "[" + "0," * lot.choice([100, 20_000]) + "0]",
    lambda lot: '["' + '","'.join(map(str, range(lot.choice([20, 3000])))) + '"]',
    lambda lot: "{" + ",".join(f'"k{n}":{n}' for n in range(lot.choice([20, 3000]))) + "}",
    lambda lot: '{"a":1,"a":2,"a":{"a":3,"a":4}}' + " " * lot.randrange(3),
    lambda lot: lot.choice(["1e999", "-1e999", "1e-999", "1e309", "-0.0", "1e18", "9" * 19]),
    lambda lot: "9" * lot.choice([20, 309, 400, 5000]),
    lambda lot: "-" + "9" * lot.choice([19, 400]),
    lambda lot: "0." + "3" * lot.choice([20, 5000]),
    lambda lot: lot.choice(["NaN", "Infinity", "-Infinity", "nul", "True", "01", "+1", ".5", "''"]),
    lambda lot: lot.choice(['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"']),
    lambda lot: lot.choice(['"\\ud83d\\ude00"', '"\\uFEFF"', '"\\u202e"', '"\\x"', '"\\u12"']),
    lambda lot: '"' + lot.choice("a%+({[\\/. é🙂ß") * lot.choice([1, 300, 70_000]) + '"',
    lambda lot: json.dumps("".join(lot.choice("a1 -+().@/{}'\"$^*|\\\n\t") for _ in range(400))),
    lambda lot: lot.choice(
        ["null", "true", "false", "0", "-1", '""', "[]", "{}", "[[]]", "[null]"]
    ),
    lambda lot: json.dumps("{{#each " * lot.choice([1, 500]) + "x}}"),
    lambda lot: json.dumps("+" + "1" * lot.choice([5, 15, 30_000])),
    lambda lot: json.dumps(f"{lot.randint(0, 99999)}-{lot.randint(0, 99)}-{lot.randint(0, 99)}T"),
)

PATHS = (
    "/", "//", "/..", "/../../etc/passwd", "/%2e%2e/%2e%2e", "/%", "/%zz", "/%00", "/%C3%28",
    "/domains/%2F%2F", "/domains//profiles", "/domains/a/../b", "/domains/a%0d%0aX: y",
    "/domains/" + "a/" * 3000, "/" + "%41" * 3000, "/domains/\xff", "/tags/" + "%2F" * 500,
    f"{PREFIX}/", f"{PREFIX}/domains/../../..", f"{PREFIX}/domains/%ff/merges", "*", "http://x/y",
    "/domains/a;b=c", "/domains/a?b", "/domains/a#b", "/domains/\xe9", "/_openprofiles/v1//health",
)  # fmt: skip
HEADERS = (
    "Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "Content-Type",
    "Origin", "Host", "X-Forwarded-For", "Expect", "Content-Encoding", "X-Shopify-Hmac-SHA256",
    "X-Shopify-Topic", "X-Shopify-Webhook-Id", "X-Signature", "Accept-Encoding", "Cookie",
    "X-Forwarded-Proto", "X-HTTP-Method-Override", "Transfer-Encoding",
)  # fmt: skip
VALUES = (
    "", " ", ",", "=", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=", "\xff\xfe", "a" * 9000,
    "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/profile/aws4_request, SignedHeaders=host,"
    " Signature=0", "Bearer x", "20260101T000000Z", "99999999T999999Z", "UNSIGNED-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "null", "http://evil.example", "1.2.3.4, ::1, x",
    "chunked", "gzip", "AWS4-HMAC-SHA256 " + "Credential=a," * 500, "customers/create", "0", "é",
)  # fmt: skip
SIGNED_QUERY = (
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
    "X-Amz-Signature", "X-Amz-Security-Token", "NextToken", "next-token", "max-results",
    "MaxResults",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One request, and which number of its seed it is."""

    number: int
    about: str
    request: Request
    headers: Mapping[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        """The headers as a WSGI server hands them over."""
        return {
            "HTTP_" + name.upper().replace("-", "_"): text for name, text in self.headers.items()
        }


def case(seed: str, number: int, names: Mapping[str, Any]) -> Case:
    """The request of a number; `names` are of what exists, by member."""
    lot = Random(f"{seed} {number}")
    if lot.random() < 0.03:
        made = Case(number, "path", Request(lot.choice(METHODS), lot.choice(PATHS), _junk(lot)))
    elif lot.random() < 0.35:
        made = _of_our_own(number, lot, names)
    else:
        made = _of_aws(number, lot, names)
    if lot.random() < 0.25:
        made = replace(
            made,
            headers={lot.choice(HEADERS): lot.choice(VALUES) for _ in range(lot.randint(1, 4))},
        )
    if lot.random() < 0.15:
        query = urlencode([(lot.choice(SIGNED_QUERY), lot.choice(VALUES)) for _ in range(3)])
        target = made.request.target
        target += ("&" if "?" in target else "?") + query
        made = replace(made, request=replace(made.request, target=target))
    if lot.random() < 0.2:
        [damaged] = mutations_of(made.request, lot, 1)
        made = replace(made, request=damaged)
    return made


METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "X" * 50)


def _junk(lot: Random) -> bytes:
    return lot.choice(
        [b"", b"{}", b"\xff\xfe{", lot.choice(HOSTILE)(lot).encode("utf-8", "replace")]
    )


def _of_aws(number: int, lot: Random, names: Mapping[str, Any]) -> Case:
    model = lot.choice(AWS)
    parameters = valid_parameters(model, lot.randrange(1000))
    # Deleting what the others need would leave them nothing to go wrong with.
    if model.name != "DeleteDomain":
        known = [name for name in names if name in parameters and lot.random() < 0.9]
        parameters |= {name: names[name] for name in known}
    request = request_of(model, _spoilt(parameters, lot))
    return Case(number, model.name, replace(request, body=_filled(request.body, lot)))


def _of_our_own(number: int, lot: Random, names: Mapping[str, Any]) -> Case:
    name = lot.choice(sorted(OWN))
    route: Route = OWN[name]
    known = {
        member: names[member] if member in names and lot.random() < 0.9 else _value(kind, lot)
        for member, kind in hints(route.shape, include_extras=True).items()
        if member not in ("Body", "Headers") and lot.random() < 0.9
    }
    if name in REACHING_OUT:
        known["Name"], known["Kind"] = "x", lot.choice(HOSTILE)(lot)[:60]
    path = PREFIX + route.path
    for member in [label for label in hints(route.shape) if f"{{{label}}}" in path]:
        text = str(known.pop(member, "x"))[:300]
        path = path.replace(f"{{{member}}}", quote(text, safe="", errors="replace") or "x")
    if route.method in ("GET", "DELETE"):
        query = {member: _text(value) for member, value in known.items()}
        target = f"{path}?{urlencode(query, errors='replace')}"[:20_000]
        return Case(number, name, Request(route.method, target))
    body = json.dumps(_spoilt(known, lot)).encode()
    return Case(number, name, Request(route.method, path, _filled(body, lot)))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _spoilt(parameters: dict[str, Any], lot: Random) -> dict[str, Any]:
    """The parameters with some values, at any depth, replaced by `TOKEN`'s word."""
    for _ in range(lot.choice([0, 0, 0, 1, 1, 1, 2, 3])):
        inside: Any = parameters
        while inside:
            step = lot.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
            if isinstance(inside[step], dict | list) and inside[step] and lot.random() < 0.7:
                inside = inside[step]
                continue
            inside[step] = lot.choice(["@@", "@@", [], {}, None, "", -1, 2**40, True])
            break
    return parameters


def _filled(body: bytes, lot: Random) -> bytes:
    """The body with something hostile at each `TOKEN`."""
    while TOKEN.encode() in body:
        hostile = lot.choice(HOSTILE)(lot).encode("utf-8", "surrogatepass")
        body = body.replace(TOKEN.encode(), hostile, 1)
    return body


def _value(kind: Any, lot: Random) -> Any:
    """Something that may fit a parameter of our own operations."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Annotated, NotRequired, Required):
        return _value(arguments[0], lot)
    if origin is Literal:
        return lot.choice(arguments)
    if origin in (Union, UnionType):
        return _value(lot.choice(arguments), lot)
    if origin is list:
        return [_value(arguments[0], lot) for _ in range(lot.randint(0, 3))]
    if origin is dict:
        return {"k": _value(arguments[1], lot)}
    plain = {str: lambda: lot.choice(["x", "a" * 32, "0" * 32, "é", ""]), bool: lambda: True}
    return plain.get(kind, lambda: lot.choice([1, 0, -1, 2**70, 50]))()
