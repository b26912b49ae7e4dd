"""Imports: a file of records is sent, imported by the job worker, and watched meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, url_for
from flask import request as asked
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from openprofiles.console import guarding
from openprofiles.console.areas import Area, Entry
from openprofiles.console.pages import job_kinds
from openprofiles.console.pages.object_type_names import names_of
from openprofiles.console.receiving import Receiving, takes_file
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, outside, see_other
from openprofiles.core.errors import BadRequest, ServiceError

PAGE = 50
STATES = {**job_kinds.STATES, "WAITING": ("on its way", "busy")}
"""Status -> in a word, and its kind of badge."""

HELD = ("waits to go on", "warn")
"""The same of one that failed and is tried again."""

blueprint = Blueprint("imports", __name__)
ENTRIES = (Entry(area=Area.DATA_IN, label="Import", icon="import", endpoint="imports.index"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why records were rejected, how many, and where the first are."""

    text: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import and what has become of its records; `state` is a word and its kind of badge. One
    with `failures` is tried again at `retry_at`; `message` says why it failed. One that
    `has_failed` can be tried again by hand until `kept_until`; without that its file is gone.
    """

    id: str
    file_name: str
    object_type: str
    state: tuple[str, str]
    message: str | None
    is_open: bool
    has_failed: bool
    kept_until: datetime | None
    failures: int
    retry_at: datetime | None
    size: int
    done: int
    read: int
    attached: int
    created: int
    updated: int
    rejected: int
    reasons: tuple[Reason, ...]
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsPage(Page):
    """The imports of a domain, and the form to send a file."""

    template: ClassVar[str] = "imports/index.html"
    files: ClassVar[tuple[str, ...]] = ("sending.js",)

    title: str = "Import"
    """What the page is called."""
    domain_name: str
    """The domain."""
    imports: tuple[Import, ...]
    """A page of the imports, the newest first."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    types: tuple[tuple[str, str], ...]
    """The object types, to choose one."""
    object_type: str
    """The type that was chosen."""
    problem: str | None
    """What is wrong with the file that was sent."""
    most_bytes: int
    """How large a file may be."""
    may_start: bool
    """Whether one may be begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage(Page):
    """One import."""

    template: ClassVar[str] = "imports/import.html"

    domain_name: str
    """The domain."""
    item: Import
    """The import."""
    may_stop: bool
    """Whether it may be stopped, or given up."""
    may_retry: bool
    """Whether it may be tried again."""
    may_start: bool
    """Whether a file may be sent."""


@blueprint.get("/domains/<domain_name>/imports")
def index(domain_name: str) -> Response:
    """The list."""
    return _index(domain_name, asked.args.get("type", ""), token=asked.args.get("after"))


def _index(
    domain_name: str, object_type: str, *, token: str | None = None, problem: str | None = None
) -> Response:
    found = ask("ListFileImports", DomainName=domain_name, MaxResults=PAGE, NextToken=token)
    page = ImportsPage(
        domain_name=domain_name,
        imports=tuple(map(_import, found["Items"])),
        next_token=found.get("NextToken"),
        is_first=token is None,
        types=tuple((name, name) for name in names_of(domain_name)),
        object_type=object_type,
        problem=problem,
        most_bytes=outside().settings.max_import_bytes,
        may_start=may_start(),
    )
    answer = render(page)
    if problem is not None:
        answer.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return answer


@blueprint.post("/domains/<domain_name>/imports")
@takes_file
def send(domain_name: str) -> Response:
    """Take a file, once it is clear that the person may import it, and begin."""
    settings = outside().settings
    object_type = ""
    try:
        form = Receiving(settings.max_import_bytes)
        guarding.require_proof(
            asked.headers.get(guarding.PROOF_HEADER) or form.fields.get(guarding.PROOF_FIELD, "")
        )
        object_type = form.fields.get("type", "")
        # Browsers give the name alone; others may give a path.
        name = form.file_name.replace("\\", "/").rpartition("/")[2]
        if not name:
            return _index(domain_name, object_type, problem="Choose a file")
        begun = ask(
            "StartFileImport", DomainName=domain_name, ObjectTypeName=object_type, FileName=name
        )
        _keep(domain_name, form, begun["FileImportId"])
    except RequestEntityTooLarge:
        return _index(domain_name, object_type, problem="The file is too large")
    except BadRequest as error:
        return _index(domain_name, object_type, problem=plainly(error))
    return see_other(
        url_for("imports.show", domain_name=domain_name, import_id=begun["FileImportId"])
    )


def _keep(domain_name: str, form: Receiving, import_id: str) -> None:
    """Write the file down and have it imported; an import whose file does not come is stopped."""
    target = {"DomainName": domain_name, "FileImportId": import_id}
    try:
        form.keep(outside().settings.imports_dir / import_id)
        ask("RunFileImport", **target)
    except FileNotFoundError:
        # It was stopped while it came, and the worker has removed what there was.
        return
    except (HTTPException, OSError, ServiceError):
        ask("StopFileImport", **target)
        raise


@blueprint.get("/domains/<domain_name>/imports/<import_id>")
def show(domain_name: str, import_id: str) -> Response:
    """One import."""
    item = _import(ask("GetFileImport", DomainName=domain_name, FileImportId=import_id))
    page = ImportPage(
        title=f"Import of {item.file_name}",
        domain_name=domain_name,
        item=item,
        may_stop=might("StopFileImport"),
        may_retry=might("RetryFileImport"),
        may_start=may_start(),
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/imports/<import_id>/stop")
def stop(domain_name: str, import_id: str) -> Response:
    """End one after the batch at hand."""
    ask("StopFileImport", DomainName=domain_name, FileImportId=import_id)
    flash("The import is stopped. What it has done stays; its file is removed.", "success")
    return see_other(url_for("imports.show", domain_name=domain_name, import_id=import_id))


@blueprint.post("/domains/<domain_name>/imports/<import_id>/retry")
def retry(domain_name: str, import_id: str) -> Response:
    """Have one that failed go on."""
    try:
        ask("RetryFileImport", DomainName=domain_name, FileImportId=import_id)
        flash("The import goes on behind what it has done.", "success")
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
    return see_other(url_for("imports.show", domain_name=domain_name, import_id=import_id))


def may_start() -> bool:
    """Whether the person might send a file and have it imported."""
    return might("StartFileImport") and might("RunFileImport")


def _import(item: Mapping[str, Any]) -> Import:
    reasons = tuple(
        Reason(text=found["Reason"], count=found["Count"], examples=tuple(found["Examples"]))
        for found in sorted(item["Rejected"], key=lambda found: -found["Count"])
    )
    return Import(
        id=item["FileImportId"],
        file_name=item["FileName"],
        object_type=item["ObjectTypeName"],
        state=HELD if "RetryAt" in item else STATES[item["Status"]],
        message=item.get("Message"),
        is_open="EndedAt" not in item,
        has_failed=item["Status"] == "FAILED",
        kept_until=item.get("KeptUntil"),
        failures=item.get("Failures", 0),
        retry_at=item.get("RetryAt"),
        size=item["Bytes"],
        done=item["BytesDone"],
        read=item["Read"],
        attached=item["Attached"],
        created=item["Created"],
        updated=item["Updated"],
        rejected=sum(reason.count for reason in reasons),
        reasons=reasons,
        started_at=item["StartedAt"],
        ended_at=item.get("EndedAt"),
    )
