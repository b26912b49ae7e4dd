"""Who is at the browser: signed in by access key or by a provider, or anybody where all is open."""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.console.identity import Identity
from openprofiles.console.outside import Outside
from openprofiles.console.roles import Role
from openprofiles.console.tokens import new_token
from openprofiles.core.operation import Caller

NOBODYS_SECRET = "x" * 40
"""What secrets of unknown keys are compared with, so that it takes as long as with a key's."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What of a request matters for whom it is from."""

    id: str
    address: str | None
    is_secure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may use the console; `caller` is who calls when they do something.

    `role` is None for those whose access key has policies of its own; `signed_in_as` is None where
    nobody signs in.
    """

    name: str
    account_id: str
    role: str | None
    signed_in_as: str | None
    caller: Caller


class WrongKey(Exception):
    """There is no such access key, or its secret is another."""


class People:
    """Knows people by the tokens of their browsers."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._settings = outside.settings

    def find(self, token: str | None, request: Request) -> Person | None:
        """Who has signed in with this token; None when their session, or their access key, is gone.

        Where all is open it is anybody, as an admin.
        """
        if self._settings.auth == "open":
            return Person(
                name="Anybody on this machine",
                account_id=self._settings.account_id,
                role=Role.ADMIN,
                signed_in_as=None,
                caller=self._ourselves(request, principal="console"),
            )
        if token is None:
            return None
        found = self._ask("FindConsoleSession", request, Token=token)
        session = found["Session"]
        if session is None:
            return None
        person = self._person(session, request)
        if person is None:
            self._ask("EndConsoleSession", request, Token=token)
        elif found["IsDue"]:
            self._ask("KeepConsoleSession", request, Token=token)
        return person

    def sign_in_by_key(self, access_key_id: str, secret: str, request: Request) -> str:
        """The token of a new session of whoever has this key.

        Raises WrongKey, and Throttling when there were too many of those.
        """
        failures = self._outside.failures
        failures.require_room(access_key_id, request.address)
        key = self._outside.find_key(access_key_id)
        wanted = NOBODYS_SECRET if key is None else key.secret
        is_right = hmac.compare_digest(secret.encode(), wanted.encode())
        # A temporary key proves nothing without its token, which is for programs.
        if key is None or not is_right or key.session_token is not None:
            fields = {"access_key_id": access_key_id[:128], "address": request.address}
            logger.info("A sign-in was refused", extra=fields)
            failures.count(access_key_id, request.address)
            raise WrongKey
        return self._start(
            request,
            AccountId=key.account_id,
            Subject=f"key:{key.access_key_id}",
            Principal=key.name,
            PrincipalArn=key.principal_arn,
            AccessKeyId=key.access_key_id,
        )

    def sign_in_by_provider(self, identity: Identity, request: Request) -> str:
        """The token of a new session of somebody a provider vouches for."""
        account_id, role, name = identity.account_id, identity.role, identity.name
        return self._start(
            request,
            AccountId=account_id,
            Subject=f"person:{identity.subject}",
            Principal=name,
            # As IAM writes somebody who came from elsewhere and was given a role.
            PrincipalArn=f"arn:aws:sts::{account_id}:assumed-role/{role}/{name}",
            Role=str(role),
        )

    def sign_out(self, token: str, request: Request, *, everywhere: bool) -> None:
        """End the session of this token, or all sessions of whoever it belongs to."""
        name = "EndConsoleSessions" if everywhere else "EndConsoleSession"
        self._ask(name, request, Token=token)

    def _start(self, request: Request, **who: Any) -> str:
        token = new_token()
        self._ask("StartConsoleSession", request, Token=token, **who)
        logger.info("Signed in", extra={"principal": who["Principal"], "address": request.address})
        return token

    def _person(self, session: Mapping[str, Any], request: Request) -> Person | None:
        access_key_id = session["AccessKeyId"]
        if access_key_id is not None:
            key = self._outside.find_key(access_key_id)
            if key is None:
                return None
            policies = key.policies
        else:
            policies = self._outside.policies_of(session["Role"])
        return Person(
            name=session["Principal"],
            account_id=session["AccountId"],
            role=session["Role"],
            signed_in_as=session["PrincipalArn"],
            caller=Caller(
                account_id=session["AccountId"],
                region=self._settings.region,
                principal=session["Principal"],
                request_id=request.id,
                principal_arn=session["PrincipalArn"],
                access_key_id=access_key_id,
                policies=policies,
                source_ip=request.address,
                signed_region=self._settings.region,
                is_secure=request.is_secure,
            ),
        )

    def _ask(self, name: str, request: Request, **parameters: Any) -> Mapping[str, Any]:
        """Ask what no person may: about sessions, as the console itself."""
        return self._outside.invoke(
            name, parameters, self._ourselves(request, principal="console sign-in")
        )

    def _ourselves(self, request: Request, *, principal: str) -> Caller:
        return Caller(
            account_id=self._settings.account_id,
            region=self._settings.region,
            principal=principal,
            request_id=request.id,
            source_ip=request.address,
            is_secure=request.is_secure,
        )
