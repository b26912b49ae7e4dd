"""Policies: what keys and roles may do, as documents that IAM would read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rendering import Page, render
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest

BEGINNING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["profile:Get*", "profile:List*", "profile:SearchProfiles"],
                "Resource": "*",
            }
        ],
    },
    indent=2,
)

blueprint = Blueprint("policies", __name__)
ENTRIES = (
    Entry(
        area=Area.OPERATE,
        label="Policies",
        icon="policy",
        endpoint="policies.index",
        needs_domain=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy with a name."""

    name: str
    is_built_in: bool
    description: str
    document: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesPage(Page):
    """The policies of the account, and those that every account has."""

    template: ClassVar[str] = "policies/index.html"

    title: str = "Policies"
    """What the page is called."""
    policies: tuple[Policy, ...]
    """All of them: the built-in ones, then those of the account by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage(Page):
    """One policy."""

    template: ClassVar[str] = "policies/policy.html"

    policy: Policy
    """The policy as it is in force."""
    document: str
    """Its document, or what was typed for it."""
    problem: str | None = None
    """Why what was typed is no policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPolicyPage(Page):
    """The form to make a policy."""

    template: ClassVar[str] = "policies/new.html"

    title: str = "Make a policy"
    """What the page is called."""
    name: str = ""
    """The name that was typed."""
    document: str = BEGINNING
    """The document that was typed."""
    problem: str | None = None
    """Why it could not be made."""


@blueprint.get("/policies")
def index() -> Response:
    """The list."""
    return render(PoliciesPage(policies=tuple(map(_policy, ask("ListPolicies")["Items"]))))


@blueprint.get("/policies/new")
def new() -> Response:
    """The form."""
    return render(NewPolicyPage())


@blueprint.post("/policies")
def create() -> Response:
    """Make a policy; one that is there already stays as it is."""
    name = request.form.get("name", "").strip()
    document = request.form.get("document", "")
    try:
        if any(item["PolicyName"] == name for item in ask("ListPolicies")["Items"]):
            raise BadRequest("There is a policy of this name already")
        ask("PutPolicy", PolicyName=name, PolicyDocument=document)
    except BadRequest as error:
        page = NewPolicyPage(name=name, document=document, problem=plainly(error))
        return render(page, status=422)
    flash(f"Policy {name} is made.", "success")
    return see_other(url_for("policies.index"))


@blueprint.get("/policies/<name>")
def show(name: str) -> Response:
    """One policy."""
    policy = _policy(ask("GetPolicy", PolicyName=name))
    return render(PolicyPage(title=name, policy=policy, document=policy.document))


@blueprint.post("/policies/<name>")
def change(name: str) -> Response:
    """Replace a policy's document, for all keys that have it."""
    document = request.form.get("document", "")
    policy = _policy(ask("GetPolicy", PolicyName=name))
    try:
        ask("PutPolicy", PolicyName=name, PolicyDocument=document)
    except BadRequest as error:
        page = PolicyPage(title=name, policy=policy, document=document, problem=plainly(error))
        return render(page, status=422)
    flash("The policy is in force for all keys that have it.", "success")
    return see_other(url_for("policies.show", name=name))


@blueprint.post("/policies/<name>/delete")
def delete(name: str) -> Response:
    """Remove a policy, unless a key has it."""
    try:
        ask("DeletePolicy", PolicyName=name)
    except BadRequest as error:
        flash(f"{plainly(error)}.", "error")
        return see_other(url_for("policies.show", name=name))
    flash(f"Policy {name} is deleted.", "success")
    return see_other(url_for("policies.index"))


def _policy(item: Mapping[str, Any]) -> Policy:
    return Policy(
        name=item["PolicyName"],
        is_built_in=item["IsBuiltIn"],
        description=item.get("Description") or "",
        document=item["PolicyDocument"],
        updated_at=item.get("LastUpdatedAt"),
    )
