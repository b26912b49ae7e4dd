"""The domains of the account, making one, and the menu that goes from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.domains.area import blueprint
from openprofiles.console.pages.domains.form import NAME, SettingsForm, Unclear, problems_in
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import AccessDenied, BadRequest, ResourceNotFound

PAGE = 20
SWITCHER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRow:
    """One domain of a list; its numbers are None for those who may not see them."""

    name: str
    profiles: int | None
    objects: int | None
    bytes: int | None
    tags: Mapping[str, str]
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(Page):
    """The domains of the account, and the form to make one."""

    template: ClassVar[str] = "domains/home.html"

    title: str = "Domains"
    """What the page is called."""
    domains: tuple[DomainRow, ...]
    """A page of the domains, by name."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""
    may_make: bool
    """Whether one may be made."""
    name: str
    """The name that was typed for a new domain."""
    form: SettingsForm
    """The settings that were typed for it."""
    problems: Mapping[str, str]
    """Field -> why the domain could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitcherPart(Page):
    """The names of the domains, for the menu that goes to another one."""

    template: ClassVar[str] = "domains/switcher.html"

    title: str = "Domains"
    """What the list is called."""
    names: tuple[str, ...]
    """The names of the first domains."""
    has_more: bool
    """Whether there are more."""


@blueprint.get("/")
def home() -> Response:
    """The list."""
    return _list()


@blueprint.post("/domains")
def create() -> Response:
    """Make a domain."""
    name, form = request.form.get("name", "").strip(), SettingsForm.read(request.form)
    try:
        ask("CreateDomain", DomainName=name, **form.members())
    except (Unclear, BadRequest, AccessDenied) as error:
        return _list(name, form, problems_in(error, form, otherwise=NAME))
    flash(f"Domain {name} is made.", "success")
    return see_other(url_for("domains.overview", domain_name=name))


@blueprint.get("/parts/domains")
def switcher() -> Response:
    """The list of the menu."""
    found = ask("ListDomains", MaxResults=SWITCHER)
    names = tuple(item["DomainName"] for item in found["Items"])
    return render(SwitcherPart(names=names, has_more=found.get("NextToken") is not None))


def _list(
    name: str = "", form: SettingsForm | None = None, problems: Mapping[str, str] | None = None
) -> Response:
    token = request.args.get("after")
    found = ask("ListDomains", MaxResults=PAGE, NextToken=token)
    page = HomePage(
        domains=tuple(map(_row, found["Items"])),
        next_token=found.get("NextToken"),
        is_first=token is None,
        may_make=might("CreateDomain"),
        name=name,
        form=form or SettingsForm(),
        problems=problems or {},
    )
    return render(page, status=422 if problems else 200)


def _row(item: Mapping[str, Any]) -> DomainRow:
    return DomainRow(
        name=item["DomainName"],
        tags=item["Tags"] or {},
        updated_at=item["LastUpdatedAt"],
        **_counts(item["DomainName"]),
    )


def _counts(name: str) -> dict[str, int | None]:
    try:
        stats = ask("GetDomain", DomainName=name)["Stats"]
    except (AccessDenied, ResourceNotFound):
        # Who may list domains need not be let into each; and one may be gone meanwhile.
        return {"profiles": None, "objects": None, "bytes": None}
    return {
        "profiles": stats["ProfileCount"],
        "objects": stats["ObjectCount"],
        "bytes": stats["TotalSize"],
    }
