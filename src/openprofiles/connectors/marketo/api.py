"""Requests to Marketo's REST API, which tells errors with status 200 (guide, "Error Codes")."""

from collections.abc import Mapping
from typing import Any, NoReturn

from openprofiles.connectors import connection
from openprofiles.connectors.connector import SourceRefused, SourceUnavailable
from openprofiles.connectors.web import Answer, Limits, WebRefused, WebSession

SERVICE = "Marketo"
EARLY_SECONDS = 60.0
"""A token is renewed this long before it ends."""
TOKEN_IS_OVER = {"601", "602"}
TRY_LATER = {
    **dict.fromkeys(("500", "502", "604", "608", "611", "614", "713", "719"), 60.0),
    # Too many calls within 20 seconds, or at once.
    **dict.fromkeys(("606", "615"), 20.0),
    # The day's calls are used up; the queue of exports is full, or the day's bytes are used up.
    **dict.fromkeys(("607", "1029"), 900.0),
}
"""Errors that pass, with the seconds to wait."""


class MarketoRefused(SourceRefused):
    """An error that does not pass; `code` is Marketo's."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class Identity:
    """Access tokens of a custom service, by client credentials, which Marketo takes from a GET."""

    def __init__(self, url: str, client_id: str, client_secret: str, limits: Limits) -> None:
        self._parameters = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._limits = limits
        self._session = WebSession(url, service=SERVICE, limits=limits)
        self._token: str | None = None
        self._ends_at = 0.0

    def headers(self) -> Mapping[str, str]:
        """The access token, fetched when there is none that lives. Raises SourceError."""
        now = self._limits.now()
        if self._token is None or now >= self._ends_at:
            self._token, life = self._fetch()
            # Marketo gives the same token until it ends, so that its life may be short.
            self._ends_at = now + max(life - EARLY_SECONDS, life / 2)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """The next request fetches a new token."""
        self._token = None
        return True

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _fetch(self) -> tuple[str, float]:
        try:
            answer = self._session.get("/identity/oauth/token", parameters=self._parameters)
        except WebRefused as error:
            raise SourceRefused(
                f"{SERVICE} gave no access token: the client was refused (status {error.status})"
            ) from None
        document = answer.json()
        token = document.get("access_token") if isinstance(document, dict) else None
        life = document.get("expires_in") if isinstance(document, dict) else None
        if not isinstance(token, str) or not isinstance(life, int):
            raise SourceUnavailable(f"{SERVICE} gave no access token with its answer")
        return token, float(life)


class Api:
    """Calls by path, each with its errors looked up in the answer."""

    def __init__(self, settings: Mapping[str, str], limits: Limits) -> None:
        url = connection.require(settings, "instance_url", service=SERVICE).rstrip("/")
        # The guide shows the endpoint with /rest, and paths with it, too.
        url = url.removesuffix("/rest")
        client_id = connection.require(settings, "client_id", service=SERVICE)
        secret = connection.require(settings, "client_secret", service=SERVICE)
        identity = Identity(url, client_id, secret, limits)
        self._session = WebSession(url, service=SERVICE, authentication=identity, limits=limits)

    def get(self, path: str) -> tuple[list[dict[str, Any]], Answer]:
        """The result of a GET, with the answer it came in. Raises SourceError."""
        answer = self._answer(lambda: self._session.get(path))
        return _result(answer), answer

    def post(self, path: str, document: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The result of a POST. Raises SourceError."""
        return _result(self._answer(lambda: self._session.post(path, document=document or {})))

    def part(self, path: str, start: int, size: int) -> bytes:
        """Bytes of a file from `start` on, some of them or all. Raises SourceError."""
        headers = {"Range": f"bytes={start}-{start + size - 1}"}
        answer = self._answer(lambda: self._session.get(path, headers=headers))
        return answer.body if answer.status == 206 else answer.body[start:]

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _answer(self, send: Any) -> Answer:
        """An answer without an error; a token that is over is renewed once."""
        answer: Answer = send()
        code = _error(answer)
        if code in TOKEN_IS_OVER:
            self._session.renew()
            answer = send()
            code = _error(answer)
        if code is not None:
            _raise(code)
        return answer


def _error(answer: Answer) -> str | None:
    """The code of the first error of an answer; a file has none."""
    if "json" not in answer.headers.get("content-type", ""):
        return None
    document = answer.json()
    if not isinstance(document, dict):
        raise SourceUnavailable(f"{SERVICE} sent an answer of another form")
    if document.get("success") is True:
        return None
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return str(first.get("code")) if isinstance(first, dict) else "611"


def _raise(code: str) -> NoReturn:
    """What an error means; its message is not told, for it may quote a value."""
    if code in TRY_LATER:
        text = f"{SERVICE} cannot answer at the moment (error {code})"
        raise SourceUnavailable(text, retry_after=TRY_LATER[code])
    known = code if code.isdigit() else "of no number"
    raise MarketoRefused(REFUSALS.get(code, f"{SERVICE} refused (error {known})"), code=code)


REFUSALS = {
    "603": f"{SERVICE} does not allow this to the user of the custom service (error 603)",
    "1035": (
        f"{SERVICE} has exports by updatedAt not enabled for this subscription (error 1035); "
        "its support enables them"
    ),
}
"""What an error means to whoever set up the connection."""


def _result(answer: Answer) -> list[dict[str, Any]]:
    document = answer.json()
    result = document.get("result") if isinstance(document, dict) else None
    if not isinstance(result, list) or not all(isinstance(each, dict) for each in result):
        raise SourceUnavailable(f"{SERVICE} sent an answer without a result")
    return result
