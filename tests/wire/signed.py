"""Requests that botocore has signed, as servers hand them over, and a handler that checks them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from wsgiref.types import WSGIApplication

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from openprofiles.core.clock import system_clock
from openprofiles.core.credentials import AccessKey, KeyExpired
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.wire import AwsHandler
from openprofiles.wire.in_process import environ_of
from tests.wire.calling import Reply, reply_to

KEY = AccessKey(
    access_key_id="AKIDEXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    account_id="111122223333",
    name="ada",
    principal_arn="arn:aws:iam::111122223333:user/ada",
    policies=(),
)
TEMPORARY = AccessKey(
    access_key_id="ASIDEXAMPLE",
    secret="another secret",
    session_token="a/token+of=some length",
    account_id="111122223333",
    name="grace",
    principal_arn="arn:aws:sts::111122223333:assumed-role/grace/x",
    policies=(),
)
OVER = replace(TEMPORARY, access_key_id="ASIDOVER")
KEYS = {key.access_key_id: key for key in (KEY, TEMPORARY)}

Environ = dict[str, Any]


class Clock:
    """A clock that a test can turn."""

    def __init__(self) -> None:
        self.turned = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.turned


def signed(
    method: str = "GET",
    target: str = "/domains/crm",
    body: bytes = b"",
    *,
    key: AccessKey = KEY,
    headers: Mapping[str, str] | None = None,
    region: str = "us-east-1",
    service: str = "profile",
    expires: int | None = None,
    shows_target: bool = True,
) -> Environ:
    """A request signed in its header, or, if it `expires`, in its query; with `shows_target` as
    servers hand it over that tell the target undecoded.
    """
    request = AWSRequest(
        method=method, url=f"http://profile.example:8787{target}", data=body, headers=headers or {}
    )
    credentials = Credentials(key.access_key_id, key.secret, key.session_token)
    if expires is None:
        SigV4Auth(credentials, service, region).add_auth(request)
    else:
        SigV4QueryAuth(credentials, service, region, expires=expires).add_auth(request)
    environ = environ_of(request.prepare())
    environ["REMOTE_ADDR"] = "192.0.2.1"
    if not shows_target:
        del environ["REQUEST_URI"]
    return environ


def checking(
    clock: Callable[[], datetime] | None = None, **settings: Any
) -> "tuple[AwsHandler, list[Caller]]":
    """A handler that knows `KEYS`, and the callers whom it let in."""
    callers: list[Caller] = []

    def invoke(name: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        callers.append(caller)
        return {"DomainName": parameters.get("DomainName", name)}

    handler = AwsHandler(
        invoke, Settings(**settings), find_key=find_key, clock=clock or system_clock
    )
    return handler, callers


def find_key(access_key_id: str) -> AccessKey | None:
    """One of `KEYS`; that of `OVER` is expired."""
    if access_key_id == OVER.access_key_id:
        raise KeyExpired
    return KEYS.get(access_key_id)


def ask(application: WSGIApplication, environ: Environ) -> Reply:
    """The reply to a request, of which a copy is sent."""
    body = environ["wsgi.input"].getvalue()
    return reply_to(application, {**environ, "wsgi.input": type(environ["wsgi.input"])(body)})
