"""How requests are let in: fixed headers, Basic, or the access tokens of OAuth 2."""

import base64
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from openprofiles.connectors.connector import SourceRefused, SourceUnavailable
from openprofiles.connectors.web.limits import Limits
from openprofiles.connectors.web.session import WebRefused, WebSession

EARLY_SECONDS = 60.0
"""A token is renewed this long before it ends, so that it does not end on the way."""
DEFAULT_LIFE_SECONDS = 3600.0
"""Of a token whose life the source does not tell (Salesforce); a 401 renews it anyway."""


class Authentication(Protocol):
    """Lets requests in."""

    def headers(self) -> Mapping[str, str]:
        """What a request carries; raises SourceError when it cannot be had."""

    def renew(self) -> bool:
        """Forget what was refused; whether another attempt has better chances."""

    def close(self) -> None:
        """Give back what is open."""


class FixedHeaders:
    """The same headers each time: an API key, a token that was made by hand."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def headers(self) -> Mapping[str, str]:
        """The headers that were given."""
        return self._headers

    def renew(self) -> bool:
        """There are no others."""
        return False

    def close(self) -> None:
        """Nothing is open."""


def bearer(token: str) -> FixedHeaders:
    """A token that was made by hand and does not change."""
    return FixedHeaders({"Authorization": f"Bearer {token}"})


class BasicAuthentication(FixedHeaders):
    """User name and password in each request, in UTF-8 (RFC 7617)."""

    def __init__(self, user: str, password: str) -> None:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        super().__init__({"Authorization": f"Basic {pair}"})


class OAuth:
    """Access tokens of OAuth 2 (RFC 6749), by a refresh token or by client credentials.

    `grant` is the form of the token request (`grant_type` and what belongs to it, client id and
    secret included). A refresh token that the source replaces is replaced in memory only: use a
    client whose refresh tokens stay valid.
    """

    def __init__(
        self,
        token_url: str,
        grant: Mapping[str, str],
        *,
        service: str,
        scheme: str = "Bearer",
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._service = service
        self._scheme = scheme
        self._grant = dict(grant)
        self._path = token_url
        parts = urlsplit(token_url)
        self._session = WebSession(
            f"{parts.scheme}://{parts.netloc}", service=service, limits=self._limits
        )
        self._document: Mapping[str, Any] | None = None
        self._ends_at = 0.0

    @classmethod
    def by_refresh_token(
        cls,
        token_url: str,
        *,
        client_id: str,
        client_secret: str | None,
        refresh_token: str,
        service: str,
        limits: Limits | None = None,
    ) -> "OAuth":
        """RFC 6749 §6; a public client has no secret."""
        grant = {
            "grant_type": "refresh_token",
            "client_id": client_id,
            "refresh_token": refresh_token,
        }
        if client_secret:
            grant["client_secret"] = client_secret
        return cls(token_url, grant, service=service, limits=limits)

    @classmethod
    def by_client_credentials(
        cls,
        token_url: str,
        *,
        client_id: str,
        client_secret: str,
        service: str,
        scope: str | None = None,
        limits: Limits | None = None,
    ) -> "OAuth":
        """RFC 6749 §4.4, with the client's credentials in the form."""
        grant = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        if scope:
            grant["scope"] = scope
        return cls(token_url, grant, service=service, limits=limits)

    def token(self) -> Mapping[str, Any]:
        """The answer of the token endpoint, kept as long as its token lives; vendors add to it
        (Salesforce's `instance_url`). Raises SourceError."""
        now = self._limits.now()
        if self._document is None or now >= self._ends_at:
            self._document = self._fetch()
            life = self._document.get("expires_in")
            seconds = _seconds(life)
            self._ends_at = now + max(seconds - EARLY_SECONDS, seconds / 2)
        return self._document

    def headers(self) -> Mapping[str, str]:
        """The access token, fetched when there is none that lives."""
        return {"Authorization": f"{self._scheme} {self.token()['access_token']}"}

    def renew(self) -> bool:
        """The next request fetches a new token."""
        self._document = None
        return True

    def close(self) -> None:
        """Close the connections to the token endpoint."""
        self._session.close()

    def _fetch(self) -> Mapping[str, Any]:
        try:
            document = self._session.post(self._path, form=self._grant).json()
        except WebRefused as error:
            raise SourceRefused(
                f"{self._service} gave no access token: the client or its grant was refused "
                f"(status {error.status})"
            ) from None
        if not isinstance(document, dict) or not isinstance(document.get("access_token"), str):
            raise SourceUnavailable(f"{self._service} gave no access token with its answer")
        replaced = document.get("refresh_token")
        if "refresh_token" in self._grant and isinstance(replaced, str):
            self._grant["refresh_token"] = replaced
        return document


def _seconds(life: Any) -> float:
    """The life of a token as numbers or digits tell it."""
    try:
        seconds = float(life)
    except (TypeError, ValueError):
        return DEFAULT_LIFE_SECONDS
    return seconds if 0 < seconds < float("inf") else DEFAULT_LIFE_SECONDS
