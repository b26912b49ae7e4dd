"""Deleting a domain, once somebody has typed its name."""

from dataclasses import dataclass
from typing import ClassVar

from flask import Response, flash, request, url_for
from flask import session as kept

from openprofiles.console.pages.domains.area import ONE, ask_if_allowed, blueprint
from openprofiles.console.rendering import LAST_DOMAIN, Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other

MOST = 100
"""How many integrations and object types are counted; there can be more, but they are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePage(Page):
    """The question, with what would go."""

    template: ClassVar[str] = "domains/delete.html"

    domain_name: str
    """The domain."""
    counts: tuple[tuple[int, str], ...]
    """What would go: how many, of what."""
    may_delete: bool
    """Whether the person may."""
    typed: str = ""
    """What was typed to be sure."""
    problem: str | None = None
    """Why nothing was deleted."""


@blueprint.get(f"{ONE}/delete")
def ask_to_delete(domain_name: str) -> Response:
    """The question."""
    return _question(domain_name)


@blueprint.post(f"{ONE}/delete")
def delete(domain_name: str) -> Response:
    """Delete it, when its name was typed."""
    typed = request.form.get("sure", "").strip()
    if typed != domain_name:
        return _question(domain_name, typed, f"Type {domain_name} to be sure. Nothing is deleted.")
    ask("DeleteDomain", DomainName=domain_name)
    # The menu would lead into what is gone.
    if kept.get(LAST_DOMAIN) == domain_name:
        del kept[LAST_DOMAIN]
    flash(f"Domain {domain_name} is deleted.", "success")
    return see_other(url_for("domains.home"))


def _question(domain_name: str, typed: str = "", problem: str | None = None) -> Response:
    stats = ask("GetDomain", DomainName=domain_name)["Stats"]
    counts = [(stats["ProfileCount"], "profiles"), (stats["ObjectCount"], "objects")]
    for operation, kind in (
        ("ListProfileObjectTypes", "object types"),
        ("ListIntegrations", "integrations"),
    ):
        found = ask_if_allowed(operation, DomainName=domain_name, MaxResults=MOST)
        counts += [] if found is None else [(len(found["Items"]), kind)]
    page = DeletePage(
        title=f"Delete domain {domain_name}?",
        domain_name=domain_name,
        counts=tuple(counts),
        may_delete=might("DeleteDomain"),
        typed=typed,
        problem=problem,
    )
    return render(page, status=422 if problem else 200)
