"""Home: the domains of the account, and what is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rendering import Page, render
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import AccessDenied, BadRequest, ResourceNotFound

PAGE = 20
SWITCHER = 100
DEFAULT_DAYS = "366"

blueprint = Blueprint("domains", __name__)
ENTRIES = (
    Entry(
        area=Area.HOME, label="Domains", icon="home", endpoint="domains.home", needs_domain=False
    ),
)


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
    name: str = ""
    """The name that was typed for a new domain."""
    days: str = DEFAULT_DAYS
    """How long its profiles are kept, as it was typed."""
    problem: str | None = None
    """Why it could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainPage(Page):
    """One domain: what is in it, and how it is set up."""

    template: ClassVar[str] = "domains/overview.html"

    profiles: int
    """How many profiles it has."""
    objects: int
    """How many objects it has."""
    bytes: int
    """How many bytes its objects have."""
    days: int
    """How long a profile is kept that nobody writes to."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When its configuration was last changed."""
    tags: Mapping[str, str]
    """Its tags."""
    matching: str
    """Whether it finds who is one customer by itself, in words."""
    rules: str
    """Whether it has rules of matching, and how far they are, in words."""
    encryption_key: str | None
    """The key that its data are encrypted with; None for none."""
    dead_letter_queue: str | None
    """Where rejected objects are sent; None for nowhere."""


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
    name, days = request.form.get("name", "").strip(), request.form.get("days", "").strip()
    if not days.isdecimal():
        return _list(name, days, "The days are a whole number.")
    try:
        ask("CreateDomain", DomainName=name, DefaultExpirationDays=int(days))
    except BadRequest as error:
        return _list(name, days, plainly(error))
    flash(f"Domain {name} is made.", "success")
    return see_other(url_for("domains.overview", domain_name=name))


@blueprint.get("/domains/<domain_name>")
def overview(domain_name: str) -> Response:
    """One domain."""
    domain = ask("GetDomain", DomainName=domain_name)
    stats = domain["Stats"]
    page = DomainPage(
        title=domain["DomainName"],
        profiles=stats["ProfileCount"],
        objects=stats["ObjectCount"],
        bytes=stats["TotalSize"],
        days=domain["DefaultExpirationDays"],
        created_at=domain["CreatedAt"],
        updated_at=domain["LastUpdatedAt"],
        tags=domain["Tags"] or {},
        matching=matching_in_words(domain),
        rules=rules_in_words(domain),
        encryption_key=domain.get("DefaultEncryptionKey"),
        dead_letter_queue=domain.get("DeadLetterQueueUrl"),
    )
    return render(page)


@blueprint.get("/parts/domains")
def switcher() -> Response:
    """The list of the menu."""
    found = ask("ListDomains", MaxResults=SWITCHER)
    names = tuple(item["DomainName"] for item in found["Items"])
    return render(SwitcherPart(names=names, has_more=found.get("NextToken") is not None))


def _list(name: str = "", days: str = DEFAULT_DAYS, problem: str | None = None) -> Response:
    token = request.args.get("after")
    found = ask("ListDomains", MaxResults=PAGE, NextToken=token)
    page = HomePage(
        domains=tuple(map(_row, found["Items"])),
        next_token=found.get("NextToken"),
        is_first=token is None,
        name=name,
        days=days,
        problem=problem,
    )
    return render(page, status=200 if problem is None else 422)


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


def matching_in_words(domain: Mapping[str, Any]) -> str:
    """Whether a domain finds who is one customer by itself."""
    matching = domain.get("Matching") or {}
    if not matching.get("Enabled"):
        return "Off"
    merging = (matching.get("AutoMerging") or {}).get("Enabled")
    return "On, merges by itself" if merging else "On"


def rules_in_words(domain: Mapping[str, Any]) -> str:
    """Whether a domain matches by rules, and how far they are."""
    rules = domain.get("RuleBasedMatching") or {}
    if not rules.get("Enabled"):
        return "Off"
    return "On" if rules.get("Status") == "ACTIVE" else "On, still going through old profiles"
