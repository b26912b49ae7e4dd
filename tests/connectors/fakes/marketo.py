"""Marketo's REST API as its developer guide describes it.

Identity (client credentials by GET), Describe Lead, and Bulk Lead Extract: create, enqueue, status,
file with Range, all below `/bulk/v1`. Errors of the API come as 200 with `success: false`; the
identity endpoint answers 401. A job moves one step each time its status is asked for.
"""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

from tests.connectors.fakes.server import Answer, FakeVendor, Request

FIELDS = {
    "id": "integer",
    "email": "email",
    "firstName": "string",
    "lastName": "string",
    "sfdcContactId": "string",
    "postalCode": "string",
    "dateOfBirth": "date",
    "createdAt": "datetime",
    "updatedAt": "datetime",
}
NEXT = {"Queued": "Processing", "Processing": "Completed"}


class FakeMarketo(FakeVendor):
    """A subscription with one custom service; `failing` jobs end as Failed, `is_quick` ones
    as Completed at once, and `junk` are rows that the files have, too.
    """

    def __init__(self) -> None:
        self.leads: dict[int, dict[str, Any]] = {}
        self.fields = dict(FIELDS)
        self.client = ("client-id", "client-secret")
        self.tokens: set[str] = set()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.failing = False
        self.is_quick = False
        self.junk: list[str] = []
        self.filters = {"createdAt", "updatedAt"}
        super().__init__()

    def put(self, **fields: Any) -> None:
        """A lead; `changed_at` is when any field changed, which `updatedAt` may not show."""
        fields.setdefault("changed_at", fields["updatedAt"])
        self.leads[fields["id"]] = fields

    def answer(self, request: Request) -> Answer:
        if request.path == "/identity/oauth/token":
            return self._token(request)
        if request.bearer is None:
            return failure("600", "Access token not specified")
        if request.bearer not in self.tokens:
            return failure("601", "Access token invalid")
        if request.path == "/rest/v1/leads/describe.json":
            return done(
                [
                    {"id": place, "dataType": kind, "rest": {"name": name, "readOnly": False}}
                    for place, (name, kind) in enumerate(self.fields.items())
                ]
                + [{"id": 99, "dataType": "string", "soap": {"name": "OnlySoap"}}]
            )
        match re.fullmatch(r"/bulk/v1/leads/export/(?:([\w-]+)/)?(\w+)\.json", request.path):
            case re.Match() as found:
                return self._export(request, found[1], found[2])
        return failure("610", "Requested resource not found")

    def _token(self, request: Request) -> Answer:
        query = request.query
        if (query.get("client_id"), query.get("client_secret")) != self.client:
            text = "Bad client credentials"
            return Answer({"error": "invalid_client", "error_description": text}, 401)
        token = f"token-{len(self.requests)}:ab"
        self.tokens.add(token)
        body = {"access_token": token, "token_type": "bearer", "expires_in": 3599}
        return Answer({**body, "scope": "api@example.com"})

    def _export(self, request: Request, export_id: str | None, act: str) -> Answer:
        if export_id is None and act == "create":
            return self._create(request.json)
        job = self.jobs.get(export_id or "")
        if job is None:
            return failure("1004", "Export job not found")
        if act == "file":
            return self._file(job, request)
        if act == "enqueue":
            waiting = [j for j in self.jobs.values() if j["status"] in ("Queued", "Processing")]
            if len(waiting) >= 10:
                return failure("1029", "Too many jobs (10) in queue")
            job["status"] = "Queued"
        elif job["status"] in NEXT:
            after = "Completed" if self.is_quick else NEXT[job["status"]]
            job["status"] = "Failed" if self.failing else after
            if job["status"] == "Completed":
                job["file"] = self._written(job)
        return done([self._shown(job)])

    def _create(self, body: dict[str, Any]) -> Answer:
        unknown = [name for name in body["fields"] if name not in self.fields]
        if unknown:
            return failure("1006", f"Field '{unknown[0]}' not found")
        ((kind, window),) = body["filter"].items()
        if kind not in self.filters:
            return failure("1035", "Unsupported filter type for target subscription")
        start, end = (datetime.fromisoformat(window[name]) for name in ("startAt", "endAt"))
        if end - start > timedelta(days=31):
            return failure("1003", "Date range must be 31 days or fewer")
        number = f"ce45a7a1-f19d-4ce2-882c-{len(self.jobs):012}"
        self.jobs[number] = {
            "exportId": number,
            "status": "Created",
            "createdAt": self.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "fields": body["fields"],
            "filter": (kind, start, end),
        }
        return done([self._shown(self.jobs[number])])

    def _shown(self, job: dict[str, Any]) -> dict[str, Any]:
        shown = {name: job[name] for name in ("exportId", "status", "createdAt")}
        if "file" in job:
            size = {"numberOfRecords": job["rows"], "fileSize": len(job["file"])}
            shown = {**shown, **size, "fileChecksum": "sha256:00"}
        return {**shown, "format": "CSV"}

    def _written(self, job: dict[str, Any]) -> bytes:
        kind, start, end = job["filter"]
        column = "changed_at" if kind == "updatedAt" else kind
        chosen = [
            lead
            for _, lead in sorted(self.leads.items())
            if start <= datetime.fromisoformat(lead[column]) <= end
        ]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(job["fields"])
        for lead in chosen:
            values = (lead.get(name) for name in job["fields"])
            writer.writerow(["null" if value is None else value for value in values])
        for row in self.junk:
            text.write(f"{row}\n")
        job["rows"] = len(chosen)
        return text.getvalue().encode()

    def _file(self, job: dict[str, Any], request: Request) -> Answer:
        if "file" not in job:
            return failure("1004", "Export file not found")
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        kind = {"Content-Type": "text/csv"}
        if wanted is None:
            return Answer(job["file"], headers=kind)
        start = int(wanted[1])
        end = int(wanted[2]) if wanted[2] else len(job["file"]) - 1
        if start >= len(job["file"]):
            return Answer(b"", 416, kind)
        place = f"bytes {start}-{min(end, len(job['file']) - 1)}/{len(job['file'])}"
        return Answer(job["file"][start : end + 1], 206, {**kind, "Content-Range": place})


def done(result: list[dict[str, Any]]) -> Answer:
    return Answer({"requestId": "e42b#14272d07d78", "success": True, "result": result})


def failure(code: str, message: str) -> Answer:
    """An error of the API: always 200."""
    errors = [{"code": code, "message": message}]
    return Answer({"requestId": "e42b#14272d07d78", "success": False, "errors": errors})
