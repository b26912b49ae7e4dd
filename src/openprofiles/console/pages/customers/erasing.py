"""Handing over all that is held on a customer, erasing them, and deleting one of their keys."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.customers.area import FILES, ONE, ROOT, blueprint
from openprofiles.console.pages.customers.naming import words_of
from openprofiles.console.pages.customers.objects import name_in
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import AccessDenied, BadRequest

SURE = "erase"
"""What one types to be sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePage(Page):
    """The question, with what would go."""

    template: ClassVar[str] = "customers/erase.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Erase this person?"
    """What is asked."""
    domain_name: str
    """The domain."""
    id: str
    """The profile's id."""
    name: str
    """What the customer is called."""
    counts: tuple[tuple[str, int], ...]
    """What would go: kinds, and how many of each."""
    sure: str = SURE
    """What one types to be sure."""
    tombstone: bool = False
    """Whether to keep the person out from then on."""
    problem: str | None = None
    """Why nothing was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage(Page):
    """That somebody was erased, without who it was."""

    template: ClassVar[str] = "customers/receipt.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Receipt of an erasure"
    """What the page is called."""
    domain_name: str
    """The domain."""
    id: str
    """The erasure's id."""
    is_done: bool
    """Whether all has been looked through."""
    erased_at: datetime
    """When it was done."""
    finished_at: datetime | None
    """When the last of it was done."""
    by: str
    """Who did it."""
    counts: tuple[tuple[str, int], ...]
    """What went."""
    digest: str | None
    """A digest of what went, to compare with one of a disclosure."""
    tombstone_values: int
    """How many values are kept out."""


@blueprint.post(f"{ONE}/download")
def download(domain_name: str, profile_id: str) -> Response:
    """All that is held, as a file."""
    told = ask("DiscloseProfile", DomainName=domain_name, ProfileIds=[profile_id])
    response = Response(
        json.dumps(told, indent=2, ensure_ascii=False, default=_plain), mimetype="application/json"
    )
    name = f"{domain_name}-{profile_id}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get(f"{ONE}/erase")
def ask_to_erase(domain_name: str, profile_id: str) -> Response:
    """The question."""
    if not might("EraseProfile"):
        raise AccessDenied("You may look at customers, and not erase them")
    return render(_question(domain_name, profile_id))


@blueprint.post(f"{ONE}/erase")
def erase(domain_name: str, profile_id: str) -> Response:
    """Erase the person, and show the receipt."""
    tombstone = bool(request.form.get("tombstone"))
    if request.form.get("sure", "").strip().lower() != SURE:
        page = _question(
            domain_name,
            profile_id,
            tombstone=tombstone,
            problem=f"Type {SURE} to erase. Nothing was erased.",
        )
        return render(page, status=422)
    receipt = ask(
        "EraseProfile", DomainName=domain_name, ProfileIds=[profile_id], Tombstone=tombstone
    )
    flash("The person is erased.", "success")
    address = url_for(".receipt", domain_name=domain_name, erasure_id=receipt["ErasureId"])
    return see_other(address)


@blueprint.get(f"{ROOT}/erasures/<erasure_id>")
def receipt(domain_name: str, erasure_id: str) -> Response:
    """The receipt."""
    told = ask("GetErasure", DomainName=domain_name, ErasureId=erasure_id)
    return render(
        ReceiptPage(
            domain_name=domain_name,
            id=told["ErasureId"],
            is_done=told["Status"] == "DONE",
            erased_at=told["ErasedAt"],
            finished_at=told.get("FinishedAt"),
            by=told["ErasedBy"],
            counts=_counts(told["Counts"]),
            digest=told.get("Digest"),
            tombstone_values=told["TombstoneValues"],
        )
    )


@blueprint.post(f"{ONE}/keys/delete")
def delete_key(domain_name: str, profile_id: str) -> Response:
    """Take a key value away from the customer."""
    try:
        ask(
            "DeleteProfileKey",
            DomainName=domain_name,
            ProfileId=profile_id,
            KeyName=request.form.get("name", ""),
            Values=[request.form.get("value", "")],
        )
    except BadRequest as error:
        flash(error.message, "error")
    else:
        flash("The key no longer leads here.", "success")
    return see_other(url_for(".show", domain_name=domain_name, profile_id=profile_id))


def _question(
    domain_name: str, profile_id: str, *, tombstone: bool = False, problem: str | None = None
) -> ErasePage:
    told = ask("PreviewErasure", DomainName=domain_name, ProfileIds=[profile_id])
    return ErasePage(
        domain_name=domain_name,
        id=profile_id,
        name=name_in(domain_name, profile_id),
        counts=_counts(told["Counts"]),
        tombstone=tombstone,
        problem=problem,
    )


def _counts(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((words_of(kind), count) for kind, count in counts.items() if count)


def _plain(value: object) -> str:
    """A moment as JSON has it: nothing else of an answer is none of its kinds."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"A {type(value).__name__} is no part of an answer")
