"""`openprofiles keys`: who may call the service."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from cyclopts import App, Parameter

from openprofiles.cli import access
from openprofiles.cli.access import AsJson, PolicyFile, PolicyNames
from openprofiles.cli.errors import Refused
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.settings import Settings

app = App(name="keys", help="Access keys: make, list, rotate, disable, enable, change, remove.")

PAGE = 1000
"""Keys that are asked for at once."""

_COMMAND = "keys"
_NAME = re.compile(r"[\w+=,.@-]{1,64}")

KeyId = Annotated[str, Parameter(help="The id of the key, as `openprofiles keys list` shows it.")]


@app.command
@with_connection
@refusing
def make(
    settings: Settings,
    name: Annotated[str, Parameter(help="Who the key is of, in logs, journal and policies.")],
    /,
    *,
    policy: PolicyNames = None,
    policy_file: PolicyFile = None,
    seconds: Annotated[
        int | None,
        Parameter(help="Make a temporary key, with a session token, that is valid for so long."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Make an access key and show its secret, this once."""
    if not _NAME.fullmatch(name):
        raise Refused("A name has up to 64 letters, digits and + = , . @ _ -")
    if seconds is not None and not 60 <= seconds <= 30 * 24 * 3600:
        raise Refused("A temporary key is valid for 60 seconds to 30 days")
    request: dict[str, Any] = {"Name": name, **access.policies_of(policy, policy_file)}
    if seconds is not None:
        request["DurationSeconds"] = seconds
    _show_secret(access.call(settings, _COMMAND, "CreateAccessKey", request), as_json=as_json)
    return 0


@app.command(name="list")
@with_connection
@refusing
def list_keys(settings: Settings, *, as_json: AsJson = False) -> int:
    """List the keys of the account, each with its policies and its last use."""
    items = list(_all(settings))
    if as_json:
        access.show_json(items)
        return 0
    rows = [
        (
            item["AccessKeyId"],
            item["Name"],
            item["Status"],
            ", ".join([*item["Policies"], *(["(own)"] if item["PolicyDocument"] else [])]),
            _moment(item["ExpiresAt"]),
            _use(item["LastUsed"]),
        )
        for item in items
    ]
    access.print_table("Id", "Name", "Status", "Policies", "Expires", "Last used", rows=rows)
    return 0


@app.command
@with_connection
@refusing
def rotate(
    settings: Settings,
    key: KeyId,
    /,
    *,
    overlap: Annotated[
        int, Parameter(help="For how many seconds the old key stays valid beside the new one.")
    ] = 24 * 3600,
    as_json: AsJson = False,
) -> int:
    """Make another key of the same name and policies; the old one expires after the overlap."""
    if not 0 <= overlap <= 30 * 24 * 3600:
        raise Refused("The overlap is 0 seconds to 30 days")
    request = {"AccessKeyId": key, "OverlapSeconds": overlap}
    _show_secret(access.call(settings, _COMMAND, "RotateAccessKey", request), as_json=as_json)
    return 0


@app.command
@with_connection
@refusing
def disable(settings: Settings, key: KeyId, /, *, as_json: AsJson = False) -> int:
    """Let a key sign nothing any more, until it is enabled again."""
    return _change(settings, "DisableAccessKey", {"AccessKeyId": key}, as_json=as_json)


@app.command
@with_connection
@refusing
def enable(settings: Settings, key: KeyId, /, *, as_json: AsJson = False) -> int:
    """Let a disabled key sign again."""
    return _change(settings, "EnableAccessKey", {"AccessKeyId": key}, as_json=as_json)


@app.command
@with_connection
@refusing
def change(
    settings: Settings,
    key: KeyId,
    /,
    *,
    policy: PolicyNames = None,
    policy_file: PolicyFile = None,
    as_json: AsJson = False,
) -> int:
    """Replace the policies of a key."""
    request = {"AccessKeyId": key, **access.policies_of(policy, policy_file)}
    return _change(settings, "UpdateAccessKeyPolicies", request, as_json=as_json)


@app.command
@with_connection
@refusing
def remove(settings: Settings, key: KeyId, /) -> int:
    """Remove a key and its secret."""
    access.call(settings, _COMMAND, "DeleteAccessKey", {"AccessKeyId": key})
    access.print_text(f"Access key {key} is removed")
    return 0


def _all(settings: Settings) -> Iterator[Any]:
    request: dict[str, Any] = {"MaxResults": PAGE}
    while True:
        answer = access.call(settings, _COMMAND, "ListAccessKeys", request)
        yield from answer["Items"]
        if answer["NextToken"] is None:
            return
        request["NextToken"] = answer["NextToken"]


def _change(settings: Settings, name: str, request: dict[str, Any], *, as_json: bool) -> int:
    answer = access.call(settings, _COMMAND, name, request)
    if as_json:
        access.show_json(answer)
    else:
        policies = ", ".join(
            [*answer["Policies"], *(["(own)"] if answer["PolicyDocument"] else [])]
        )
        access.print_text(f"Access key {answer['AccessKeyId']} is {answer['Status']}: {policies}")
    return 0


def _show_secret(answer: Any, *, as_json: bool) -> None:
    if as_json:
        access.show_json(answer)
        return
    for line in secret_lines(answer):
        access.print_text(line)
    access.print_text("The secret is not shown again.")


def secret_lines(answer: Any) -> list[str]:
    """A new key as the variables of the environment that AWS's programs read."""
    lines = [
        f"AWS_ACCESS_KEY_ID={answer['AccessKeyId']}",
        f"AWS_SECRET_ACCESS_KEY={answer['SecretAccessKey']}",
    ]
    if answer["SessionToken"] is not None:
        lines.append(f"AWS_SESSION_TOKEN={answer['SessionToken']}")
    return lines


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _use(use: Any) -> str:
    if use is None:
        return "never"
    return f"{_moment(use['At'])} {use['Operation']} {use['Address'] or ''}".rstrip()
