"""Cases with a signature that was good before somebody touched it."""

from dataclasses import replace
from random import Random

from tests.fuzz.requests import Case
from tests.wire.signed import KEY, OVER, TEMPORARY, signed

SPOILS = ("a", "0", "=", ",", " ", "\t", "\xff", "/", "%", "AWS4-HMAC-SHA256", "")


def signed_case(one: Case, seed: str) -> Case:
    """The case as its owner would sign it, in header or query; half of them spoilt afterwards."""
    lot, request = Random(f"{seed} {one.number} signed"), one.request
    key = lot.choice([KEY, KEY, TEMPORARY, OVER])
    try:
        environ = signed(
            request.method,
            request.target,
            request.body,
            key=key,
            region=lot.choice(["us-east-1", "us-east-1", "x", ""]),
            service=lot.choice(["profile", "profile", "s3"]),
            expires=lot.choice([None, None, 1, 300, 10**6]),
        )
    except Exception:  # noqa: BLE001 (a target that botocore itself cannot sign)
        return one
    headers = {
        name.removeprefix("HTTP_").replace("_", "-"): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if lot.random() < 0.5:
        name = lot.choice(sorted(headers))
        text = headers[name]
        place = lot.randrange(len(text) + 1)
        headers[name] = text[:place] + lot.choice(SPOILS) + text[place + lot.randrange(3) :]
    target = str(environ["REQUEST_URI"])
    return replace(one, request=replace(request, target=target), headers=headers)
