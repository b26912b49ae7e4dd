"""Sign-in by OpenID Connect: the authorization code flow with PKCE, state and nonce, by Authlib.

What is under way is kept in the browser, in a signed cookie: state, nonce, and the verifier that
only proves to the provider that the same browser came back.
"""

import logging
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from openprofiles.console.identity import CannotSignIn, Identity, identity_of
from openprofiles.core.settings import Settings

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT_SECONDS = 10
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures that only the provider can make; "none", and those with a shared secret, are not."""

logger = logging.getLogger(__name__)
# It would write verifiers of codes at the level of debugging.
logging.getLogger("authlib").setLevel(logging.INFO)


class Provider:
    """The provider of identities that settings name."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._settings = settings
        self._issuer = (settings.oidc_issuer or "").rstrip("/")
        self._client: Any = OAuth(app).register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=self._issuer + DISCOVERY,
            client_kwargs={
                "scope": settings.oidc_scopes,
                "code_challenge_method": "S256",
                "default_timeout": TIMEOUT_SECONDS,
            },
        )

    def leave(self, *, to_come_back_at: str) -> Response:
        """Send the browser to the provider; raises CannotSignIn."""
        try:
            self._load()
            answer: Response = self._client.authorize_redirect(to_come_back_at)
        except (RequestException, RuntimeError, ValueError) as error:
            raise self._unreachable(error) from error
        return answer

    def come_back(self) -> Identity:
        """Who came back with this request; raises CannotSignIn."""
        try:
            self._load()
            claims = self._client.authorize_access_token().get("userinfo")
        except OAuthError as error:
            logger.warning("The provider of identities refused: %s", error.error)
            raise CannotSignIn(_said(error)) from error
        except JoseError as error:
            logger.warning("An identity cannot be trusted: %s", error.error)
            raise CannotSignIn("What the provider says cannot be trusted") from error
        except (RequestException, RuntimeError, ValueError) as error:
            raise self._unreachable(error) from error
        if claims is None:
            raise CannotSignIn("The provider does not say who you are")
        return identity_of(claims, self._settings)

    def _load(self) -> None:
        """Ask the provider for its endpoints, once; raises ValueError when it is another one."""
        metadata = self._client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self._issuer:
            # Asked again next time: it may be a page of an outage.
            metadata.clear()
            raise ValueError("it says that it is another issuer")
        said = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [
            name for name in said if name in SIGNATURES
        ]

    def _unreachable(self, error: Exception) -> CannotSignIn:
        # Texts of requests quote addresses with what is in their queries.
        logger.error("The provider of identities cannot be used: %s", type(error).__name__)
        return CannotSignIn("The provider cannot be reached; try again, or use an access key")


def _said(error: OAuthError) -> str:
    if error.error == "mismatching_state":
        return "This sign-in was begun elsewhere, or too long ago; begin again"
    if error.error == "access_denied":
        return "The provider did not let you in"
    return "The provider refused; begin again"
