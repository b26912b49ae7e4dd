"""The domains under load, what is in them, and HTTP without a library that tries again."""

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.acceptance.first_key import Key

MAIN, RULED = "faults", "ruled"
BUCKET = "drop"
OWN = "/_openprofiles/v1"
URI = f"s3://{BUCKET}/in"
FAR = 1098
"""Days until something expires: further than any clock is turned."""

CLEAR = "The service cannot reach its database; try again"
"""What a caller is told while there is no database."""


class Unclear(Exception):
    """It is not known whether a request was done: no answer, or one that says try again."""


class NotSent(Unclear):
    """Nobody listened, so nothing was done."""


class Wrong(Exception):
    """An answer that must not be."""


class Http:
    """One connection at a time to a service; opened again when it breaks."""

    def __init__(self, port: int, key: Key | None = None, timeout: float = 30) -> None:
        self._port = port
        self._key = key
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer of an operation that succeeds, with its `RequestId`.

        Raises Unclear, and Wrong for every other answer than 200.
        """
        target = path + (f"?{urlencode(query)}" if query else "")
        try:
            status, request_id, said = self._exchange(method, target, body)
        except ConnectionRefusedError as error:
            self.close()
            raise NotSent from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unclear(type(error).__name__) from error
        content = json.loads(said) if said else {}
        if status == http.client.OK:
            return {**content, "RequestId": request_id}
        if status == http.client.TOO_MANY_REQUESTS or content.get("Message") == CLEAR:
            raise Unclear(str(status))
        raise Wrong(f"{method} {path}: {status} {content}")

    def close(self) -> None:
        """End the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, method: str, target: str, body: Any) -> tuple[int, str | None, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=self._timeout
            )
        content = b"" if body is None else json.dumps(body).encode()
        headers = {}
        if self._key is not None:
            url = f"http://127.0.0.1:{self._port}{target}"
            headers = self._key.headers(method, url, content)
        self._connection.request(method, target, content, headers)
        response = self._connection.getresponse()
        return response.status, response.headers["x-amzn-RequestId"], response.read()


def path_of(domain: str, rest: str = "") -> str:
    """The path of something in a domain."""
    return f"/domains/{quote(domain)}{rest}"


def object_type(*, creates: bool = True, unique: str = "id", **keys: str) -> dict[str, Any]:
    """An object type with `id` and `version`, and fields that are PROFILE keys, by key name."""
    fields: dict[str, Any] = {
        "id": {"Source": "_source.id", "Target": "_profile.AccountNumber"},
        "version": {"Source": "_source.version", "Target": "_profile.Attributes.version"},
    }
    if not creates or keys:
        fields = {"id": {"Source": "_source.id"}}
    made: dict[str, Any] = {
        unique: [{"StandardIdentifiers": ["UNIQUE", *([] if keys else ["PROFILE"])],
                  "FieldNames": ["id"]}]
    }  # fmt: skip
    for key, name in keys.items():
        fields[name] = {"Source": f"_source.{name}"}
        made[key] = [{"StandardIdentifiers": ["PROFILE"], "FieldNames": [name]}]
    return {
        "Description": "Under load",
        "AllowProfileCreation": creates,
        "Fields": fields,
        "Keys": made,
    }


RULES: dict[str, Any] = {
    "Enabled": True,
    "MatchingRules": [{"Rule": ["EmailAddress"]}],
    "MaxAllowedRuleLevelForMerging": 1,
    "MaxAllowedRuleLevelForMatching": 1,
    "AttributeTypesSelector": {
        "AttributeMatchingModel": "ONE_TO_ONE",
        "EmailAddress": ["EmailAddress"],
    },
    "ConflictResolution": {"ConflictResolvingModel": "RECENCY"},
}


def prepare(http: Http, buckets: Path, *, encrypts: bool = True) -> None:
    """Make the domains, their types, and an integration that pulls the folder of a bucket."""
    (buckets / BUCKET / "in").mkdir(parents=True)
    domain: dict[str, Any] = {"DefaultExpirationDays": FAR}
    if encrypts:
        domain["DefaultEncryptionKey"] = "alias/faults"
    http.call("POST", path_of(MAIN), domain)
    http.call("POST", path_of(RULED), {**domain, "RuleBasedMatching": RULES})
    for name, shape in {
        "Account": object_type(),
        "Visit": object_type(unique="visit", visitMail="mail"),
        "Order": object_type(creates=False, unique="order", orderOf="nobody"),
        "Row": object_type(unique="row"),
        "Line": object_type(unique="line"),
    }.items():
        http.call("PUT", path_of(MAIN, f"/object-types/{name}"), shape)
    http.call("PUT", path_of(MAIN, "/integrations"), {"Uri": URI, "ObjectTypeName": "Row"})
