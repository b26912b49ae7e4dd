"""A small OpenID Connect provider on loopback: discovery, codes with PKCE, signed identities.

It holds the console to the protocol as a real one does, and can be told to lie.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from werkzeug import Request, Response
from werkzeug.serving import make_server

CLIENT_ID = "console"
CLIENT_SECRET = "kept between the two of us, as it has to be"


_KEYS: dict[tuple[str, str], RSAKey] = {}


def key_called(kid: str, of: str = "the provider") -> RSAKey:
    """The key of this id that somebody has; making one takes long, so it is kept."""
    if (kid, of) not in _KEYS:
        _KEYS[kid, of] = RSAKey.generate_key(2048, {"kid": kid})
    return _KEYS[kid, of]


@dataclass
class Provider:
    """The provider; `claims` are those of whoever is signed in there, `lie` changes an identity
    before it is signed.
    """

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    lie: Callable[[dict[str, Any]], None] = lambda _: None
    refuses: bool = False
    says_who: bool = True
    issuer_said: str | None = None
    algorithm: str = "RS256"
    key: RSAKey = field(default_factory=lambda: key_called("one"))
    key_shown: RSAKey | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        answers = {
            "/.well-known/openid-configuration": self._discovery,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": self._keys,
        }
        return answers[request.path](request)(environ, start_response)

    def _discovery(self, _: Request) -> Response:
        return _json(
            {
                "issuer": self.issuer_said or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    def _authorize(self, request: Request) -> Response:
        given = request.args.to_dict()
        assert given["client_id"] == CLIENT_ID
        assert (given["response_type"], given["code_challenge_method"]) == ("code", "S256")
        back = {"state": given["state"]}
        if self.refuses:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe()
            self.codes[back["code"]] = given
        target = f"{given['redirect_uri']}?{urlencode(back)}"
        return Response(status=302, headers={"Location": target})

    def _token(self, request: Request) -> Response:
        authorization = request.authorization
        assert authorization is not None
        assert (authorization.username, authorization.password) == (CLIENT_ID, CLIENT_SECRET)
        begun = self.codes.pop(request.form["code"], None)
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if begun is None or begun["code_challenge"] != challenge:
            return _json({"error": "invalid_grant"}, 400)
        assert request.form["redirect_uri"] == begun["redirect_uri"]
        answer = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer"}
        if self.says_who:
            answer["id_token"] = self._identity(begun["nonce"])
        return _json(answer)

    def _identity(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.claims,
        }
        self.lie(claims)
        header = {"alg": self.algorithm, "kid": self.key.kid}
        key: RSAKey | OctKey = self.key
        if self.algorithm == "HS256":
            key = OctKey.import_key(CLIENT_SECRET)
        if self.algorithm == "none":
            parts = (json.dumps(header), json.dumps(claims), "")
            return ".".join(
                base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts
            )
        return jwt.encode(header, claims, key, algorithms=[self.algorithm])

    def _keys(self, _: Request) -> Response:
        shown = self.key_shown or self.key
        return _json(KeySet([shown]).as_dict(private=False))


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that answers on loopback."""
    provider = Provider()
    with make_server("127.0.0.1", 0, provider, threaded=True) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
