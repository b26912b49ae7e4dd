"""Zendesk: tickets, users and organizations through the incremental exports (API reference,
"Incremental Exports").

Tickets and users are exported by cursor, organizations by time. Zendesk itself holds back what
changed within the last minute, so that its exports are complete.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.connectors import connection
from openprofiles.connectors.connector import (
    ConnectorKind,
    Page,
    Pull,
    Setting,
    SourceField,
    SourceObject,
    SourceRecord,
    SourceRefused,
    SourceUnavailable,
)
from openprofiles.connectors.watermark import parse_time
from openprofiles.connectors.web import (
    Authentication,
    BasicAuthentication,
    Limits,
    WebRefused,
    WebSession,
    bearer,
)

SERVICE = "Zendesk"
PAGE_SIZE = 1_000
"""Zendesk exports at most so many records at once."""
ORDER = "updated_at"
TOO_RECENT = "Too recent start_time"
"""How Zendesk begins its answer to a start within the last minute."""


@dataclass(frozen=True, slots=True)
class _Export:
    """What can be exported: by cursor or by time, and the fields that every account has."""

    by_cursor: bool
    fields: str


EXPORTS = {
    "tickets": _Export(
        True,
        "id url external_id type subject raw_subject description priority status recipient "
        "requester_id submitter_id assignee_id organization_id group_id brand_id via tags "
        "custom_fields satisfaction_rating generated_timestamp created_at updated_at due_at",
    ),
    "users": _Export(
        True,
        "id url external_id name alias email phone role active suspended verified locale time_zone "
        "organization_id tags notes details user_fields last_login_at created_at updated_at",
    ),
    "organizations": _Export(
        False,
        "id url external_id name domain_names details notes group_id tags organization_fields "
        "created_at updated_at",
    ),
}


class Zendesk:
    """An account, by an agent's API token, an OAuth client, or an access token."""

    def __init__(
        self,
        settings: Mapping[str, str],
        *,
        limits: Limits | None = None,
        page_size: int = PAGE_SIZE,
    ) -> None:
        url = connection.require(settings, "instance_url", service=SERVICE).rstrip("/")
        self._page_size = page_size
        self._session = WebSession(
            url,
            service=SERVICE,
            authentication=_authentication(settings, url, limits),
            limits=limits,
        )

    def check(self) -> None:
        """Ask who we are; Zendesk answers unknown credentials with an anonymous user."""
        document = self._session.get("/api/v2/users/me.json").json()
        user = document.get("user") if isinstance(document, dict) else None
        if not isinstance(user, dict):
            raise SourceUnavailable(f"{SERVICE} sent an answer of another form")
        if user.get("id") is None:
            raise SourceRefused(f"{SERVICE} does not know these credentials")

    def objects(self) -> Sequence[SourceObject]:
        """What can be exported, with the fields of every account."""
        return [
            SourceObject(
                name=name,
                text=name.capitalize(),
                fields=tuple(
                    SourceField(name=field, kind=_kind(field), is_timestamp=field == ORDER)
                    for field in export.fields.split()
                ),
            )
            for name, export in EXPORTS.items()
        ]

    def read(self, pull: Pull) -> Iterator[Page]:
        """Records in the order of the export; the option IncludeDeletedRecords adds deleted
        tickets.
        """
        export = EXPORTS.get(pull.object_name)
        if export is None:
            raise SourceRefused(f"{SERVICE}: there is an export of {', '.join(EXPORTS)} only")
        if pull.timestamp_field not in (None, ORDER):
            raise SourceRefused(f"{SERVICE} exports what changed by {ORDER} only")
        return self._by_cursor(pull) if export.by_cursor else self._by_time(pull)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _by_cursor(self, pull: Pull) -> Iterator[Page]:
        path = f"/api/v2/incremental/{pull.object_name}/cursor.json"
        position = _position(pull, "cursor", str)
        while True:
            parameters = {**position, "per_page": self._page_size}
            if pull.object_name == "tickets" and not pull.options.get("IncludeDeletedRecords"):
                parameters["exclude_deleted"] = "true"
            document = self._export(path, parameters)
            if document is None:
                yield Page((), position)
                return
            found, is_last = _content(document, pull.object_name)
            cursor = document.get("after_cursor")
            if isinstance(cursor, str):
                position = {"cursor": cursor}
            elif not is_last:
                raise SourceUnavailable(f"{SERVICE} sent an answer without a cursor")
            yield Page(
                [_chosen(record, pull) for record in found if _is_meant(record, pull)], position
            )
            if is_last or _is_beyond(found, pull):
                return

    def _by_time(self, pull: Pull) -> Iterator[Page]:
        """Each page begins with the time that the one before ended with, so that what has this time
        comes again; it is remembered and left out.
        """
        path = f"/api/v2/incremental/{pull.object_name}.json"
        start = _position(pull, "start_time", int)["start_time"]
        seen = (pull.bookmark or {}).get("seen", {})
        if not isinstance(seen, dict):
            raise SourceRefused(f"{SERVICE}: the bookmark is not one of this source")
        while True:
            document = self._export(path, {"start_time": start, "per_page": self._page_size})
            if document is None:
                yield Page((), {"start_time": start, "seen": seen})
                return
            found, is_last = _content(document, pull.object_name)
            fresh = [each for each in found if seen.get(str(each.get("id"))) != each.get(ORDER)]
            end = document.get("end_time")
            end = end if isinstance(end, int) else start
            if not is_last and end == start:
                raise SourceUnavailable(f"{SERVICE} sends the same records again and again")
            start = end
            seen = {
                str(each.get("id")): each.get(ORDER)
                for each in found
                if _seconds(each.get(ORDER)) >= start
            }
            records = [_chosen(record, pull) for record in fresh if _is_meant(record, pull)]
            yield Page(records, {"start_time": start, "seen": seen})
            if is_last or _is_beyond(found, pull):
                return

    def _export(self, path: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """An answer; None when the start is so recent that there is nothing to export yet."""
        try:
            document = self._session.get(path, parameters=parameters).json()
        except WebRefused as error:
            told = error.document if isinstance(error.document, dict) else {}
            if str(told.get("description", "")).startswith(TOO_RECENT):
                return None
            raise
        if not isinstance(document, dict):
            raise SourceUnavailable(f"{SERVICE} sent an answer of another form")
        return document


def _authentication(settings: Mapping[str, str], url: str, limits: Limits | None) -> Authentication:
    """By what the settings have: an API token, an access token, or an OAuth client."""
    if settings.get("api_token", "").strip():
        email = connection.require(settings, "email", service=SERVICE)
        return BasicAuthentication(f"{email}/token", settings["api_token"].strip())
    if settings.get("access_token", "").strip():
        return bearer(settings["access_token"].strip())
    token_url = f"{url}/oauth/tokens"
    return connection.oauth(settings, token_url, service=SERVICE, scope="read", limits=limits)


def _kind(field: str) -> str:
    return "date" if field.endswith("_at") else "string"


def _position(pull: Pull, name: str, kind: type[str] | type[int]) -> dict[str, Any]:
    """Where to go on: the bookmark's position, or the time of `since`, or the beginning."""
    bookmark = pull.bookmark or {}
    for key, expected in ((name, kind), ("start_time", int)):
        if isinstance(bookmark.get(key), expected):
            return {key: bookmark[key]}
    if bookmark:
        raise SourceRefused(f"{SERVICE}: the bookmark is not one of this source")
    has_since = pull.since is not None and pull.timestamp_field is not None
    return {"start_time": int(pull.since.timestamp()) if has_since and pull.since else 0}


def _content(document: Mapping[str, Any], name: str) -> tuple[list[dict[str, Any]], bool]:
    """The records of an answer, and whether these are the last for now."""
    found, is_last = document.get(name), document.get("end_of_stream")
    if not isinstance(found, list) or not isinstance(is_last, bool):
        raise SourceUnavailable(f"{SERVICE} sent an answer without {name}")
    if not all(isinstance(each, dict) for each in found):
        raise SourceUnavailable(f"{SERVICE} sent records of another form")
    return found, is_last


def _is_meant(record: Mapping[str, Any], pull: Pull) -> bool:
    """Whether the record's time is within the pull; Zendesk exports what its own processes
    changed, too, which does not move `updated_at`.
    """
    if pull.timestamp_field is None or (pull.since is None and pull.until is None):
        return True
    at = parse_time(record.get(ORDER), service=SERVICE)
    return (pull.since is None or at >= pull.since) and (pull.until is None or at < pull.until)


def _is_beyond(found: Sequence[Mapping[str, Any]], pull: Pull) -> bool:
    """Whether the export has left the pull's time behind, and what follows is not meant."""
    if pull.until is None or pull.timestamp_field is None or not found:
        return False
    return _exported_at(found[-1]) >= pull.until.timestamp()


def _exported_at(record: Mapping[str, Any]) -> float:
    """The time that the export is ordered by."""
    generated = record.get("generated_timestamp")
    return float(generated) if isinstance(generated, int) else _seconds(record.get(ORDER))


def _seconds(at: Any) -> float:
    return parse_time(at, service=SERVICE).timestamp()


def _chosen(record: Mapping[str, Any], pull: Pull) -> SourceRecord:
    """The wanted fields; of `via.channel`, all of `via`."""
    if pull.fields is None:
        return record
    wanted = dict.fromkeys(field.partition(".")[0] for field in pull.fields)
    return {name: record[name] for name in wanted if name in record}


KIND = ConnectorKind(
    name="Zendesk",
    text="Zendesk: tickets, users and organizations, through the incremental exports",
    settings=(
        connection.instance_url("https://my-company.zendesk.com"),
        Setting(name="email", text="The agent whose API token it is", is_required=False),
        Setting(name="api_token", text="An API token", is_secret=True, is_required=False),
        Setting(
            name="access_token", text="An OAuth access token", is_secret=True, is_required=False
        ),
        connection.CLIENT_ID,
        connection.CLIENT_SECRET,
        connection.REFRESH_TOKEN,
    ),
    open=Zendesk,
    default_timestamp_field=ORDER,
)
