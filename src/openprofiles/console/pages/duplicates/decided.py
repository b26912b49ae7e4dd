"""Who was decided not to be the same, and taking it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.area import FILES, blueprint, may_decide
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import ResourceNotFound

PAGE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One of the two; `name` is None when the profile is gone."""

    id: str
    name: str | None
    reach: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Two profiles that are not the same."""

    parties: tuple[Party, Party]
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedPage(Page):
    """The pairs that were decided not to be the same."""

    template: ClassVar[str] = "duplicates/decided.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Not the same"
    """What the page is called."""
    domain: str
    """The domain."""
    decisions: tuple[Decision, ...]
    """A page of the decisions."""
    may_decide: bool
    """Whether the person may take them back."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""


@blueprint.get("/domains/<domain_name>/duplicates/not-the-same")
def decided(domain_name: str) -> Response:
    """The list."""
    token = request.args.get("after")
    found = ask("ListDecisions", DomainName=domain_name, MaxResults=PAGE, NextToken=token)
    items = found["Items"]
    ids = [one for item in items for one in (item["ProfileId"], item["OtherProfileId"])]
    profiles = people.read(domain_name, ids)
    page = DecidedPage(
        domain=domain_name,
        decisions=tuple(
            Decision(
                parties=(
                    _party(item["ProfileId"], profiles),
                    _party(item["OtherProfileId"], profiles),
                ),
                at=item["DecidedAt"],
                by=item["DecidedBy"],
            )
            for item in items
        ),
        may_decide=may_decide(),
        next_token=found["NextToken"],
        is_first=token is None,
    )
    return render(page)


@blueprint.post("/domains/<domain_name>/duplicates/not-the-same")
def take_back(domain_name: str) -> Response:
    """Forget that two are not the same."""
    try:
        ask(
            "WithdrawDecision",
            DomainName=domain_name,
            ProfileId=request.form.get("one", ""),
            OtherProfileId=request.form.get("other", ""),
        )
        flash("The decision is taken back: runs and rules may match the two again.", "success")
    except ResourceNotFound:
        flash("Somebody took it back already.", "success")
    return see_other(url_for("duplicates.decided", domain_name=domain_name))


def _party(profile_id: str, profiles: dict[str, people.Profile]) -> Party:
    profile = profiles.get(profile_id)
    return Party(
        id=profile_id,
        name=people.name_of(profile) if profile else None,
        reach=people.reach_of(profile),
    )
