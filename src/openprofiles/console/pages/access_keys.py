"""Access keys: who may call, and what each may do. A secret is shown once, when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Blueprint, Response, flash, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rendering import Page, render
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, person, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

PAGE = 50
LIFETIMES = (
    ("", "Until it is deleted"),
    ("3600", "For an hour"),
    ("86400", "For a day"),
    ("604800", "For a week"),
    ("2592000", "For 30 days"),
)
OVERLAPS = (
    ("0", "Not at all"),
    ("3600", "For an hour"),
    ("86400", "For a day"),
    ("604800", "For a week"),
)

blueprint = Blueprint("access_keys", __name__)
ENTRIES = (
    Entry(
        area=Area.OPERATE,
        label="Access keys",
        icon="key",
        endpoint="access_keys.index",
        needs_domain=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An access key without its secret."""

    id: str
    name: str
    principal_arn: str
    status: str
    policies: tuple[str, ...]
    document: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    used_for: str | None
    used_from: str | None
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage(Page):
    """The access keys of the account."""

    template: ClassVar[str] = "access_keys/index.html"

    title: str = "Access keys"
    """What the page is called."""
    keys: tuple[Key, ...]
    """A page of the keys, by id."""
    next_token: str | None
    """Where the next page begins; None on the last one."""
    is_first: bool
    """Whether nothing comes before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeyPage(Page):
    """The form to make an access key."""

    template: ClassVar[str] = "access_keys/new.html"

    title: str = "Make an access key"
    """What the page is called."""
    policies: tuple[tuple[str, str], ...]
    """The policies that there are: names, and what they are for."""
    lifetimes: tuple[tuple[str, str], ...] = LIFETIMES
    """How long a key can be good: seconds, and in words."""
    name: str = ""
    """The name that was typed."""
    chosen: tuple[str, ...] = ()
    """The policies that were chosen."""
    document: str = ""
    """The policy of the key's own that was typed."""
    lifetime: str = ""
    """The lifetime that was chosen."""
    problem: str | None = None
    """Why the key could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKeyPage(Page):
    """A key that was just made, with its secret."""

    template: ClassVar[str] = "access_keys/made.html"

    title: str = "The new access key"
    """What the page is called."""
    id: str
    """The key's id."""
    secret: str
    """Its secret, which is shown here and never again."""
    session_token: str | None
    """What requests of a temporary key must carry, too."""
    expires_at: datetime | None
    """When it expires; None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPage(Page):
    """One access key, and what can be done with it."""

    template: ClassVar[str] = "access_keys/key.html"

    key: Key
    """The key."""
    policies: tuple[tuple[str, str], ...]
    """The policies that there are: names, and what they are for."""
    chosen: tuple[str, ...]
    """Those of the key, or those that were chosen."""
    document: str
    """The policy of the key's own, or what was typed for it."""
    overlaps: tuple[tuple[str, str], ...] = OVERLAPS
    """How long the key can stay good once there is a new one: seconds, and in words."""
    problem: str | None = None
    """Why its policies could not be changed."""


@blueprint.get("/keys")
def index() -> Response:
    """The list."""
    token = request.args.get("after")
    found = ask("ListAccessKeys", MaxResults=PAGE, NextToken=token)
    page = KeysPage(
        keys=tuple(map(_key, found["Items"])),
        next_token=found.get("NextToken"),
        is_first=token is None,
    )
    return render(page)


@blueprint.get("/keys/new")
def new() -> Response:
    """The form."""
    return render(NewKeyPage(policies=_policies()))


@blueprint.post("/keys")
def create() -> Response:
    """Make a key, and show its secret."""
    form = request.form
    chosen, document = tuple(form.getlist("policies")), form.get("document", "").strip()
    lifetime = form.get("lifetime", "")
    try:
        made = ask(
            "CreateAccessKey",
            Name=form.get("name", "").strip(),
            Policies=list(chosen) or None,
            PolicyDocument=document or None,
            DurationSeconds=int(lifetime) if lifetime.isdecimal() else None,
        )
    except (BadRequest, ResourceNotFound) as error:
        page = NewKeyPage(
            policies=_policies(),
            name=form.get("name", ""),
            chosen=chosen,
            document=document,
            lifetime=lifetime,
            problem=plainly(error),
        )
        return render(page, status=422)
    return _show_secret(made)


@blueprint.get("/keys/<key_id>")
def show(key_id: str) -> Response:
    """One key."""
    key = _key(ask("GetAccessKey", AccessKeyId=key_id))
    return render(_page_of(key, chosen=key.policies, document=key.document or ""))


@blueprint.post("/keys/<key_id>/policies")
def change_policies(key_id: str) -> Response:
    """Give a key other policies."""
    chosen = tuple(request.form.getlist("policies"))
    document = request.form.get("document", "").strip()
    try:
        ask(
            "UpdateAccessKeyPolicies",
            AccessKeyId=key_id,
            Policies=list(chosen) or None,
            PolicyDocument=document or None,
        )
    except BadRequest as error:
        key = _key(ask("GetAccessKey", AccessKeyId=key_id))
        page = _page_of(key, chosen=chosen, document=document, problem=plainly(error))
        return render(page, status=422)
    flash("The key has these policies now.", "success")
    return see_other(url_for("access_keys.show", key_id=key_id))


@blueprint.post("/keys/<key_id>/rotate")
def rotate(key_id: str) -> Response:
    """Make a key that takes the place of another, and show its secret."""
    overlap = request.form.get("overlap", "")
    made = ask(
        "RotateAccessKey",
        AccessKeyId=key_id,
        OverlapSeconds=int(overlap) if overlap.isdecimal() else None,
    )
    return _show_secret(made)


@blueprint.post("/keys/<key_id>/disable")
def disable(key_id: str) -> Response:
    """Let a key do nothing any more."""
    ask("DisableAccessKey", AccessKeyId=key_id)
    flash("The key is disabled. Whoever is signed in with it is signed out.", "success")
    return see_other(url_for("access_keys.show", key_id=key_id))


@blueprint.post("/keys/<key_id>/enable")
def enable(key_id: str) -> Response:
    """Let a disabled key sign again."""
    ask("EnableAccessKey", AccessKeyId=key_id)
    flash("The key is good again.", "success")
    return see_other(url_for("access_keys.show", key_id=key_id))


@blueprint.post("/keys/<key_id>/delete")
def delete(key_id: str) -> Response:
    """Remove a key."""
    ask("DeleteAccessKey", AccessKeyId=key_id)
    flash(f"Access key {key_id} is deleted.", "success")
    return see_other(url_for("access_keys.index"))


def _page_of(
    key: Key, *, chosen: Sequence[str], document: str, problem: str | None = None
) -> KeyPage:
    return KeyPage(
        title=key.name,
        key=key,
        policies=_policies(),
        chosen=tuple(chosen),
        document=document,
        problem=problem,
    )


def _show_secret(made: Mapping[str, Any]) -> Response:
    page = MadeKeyPage(
        id=made["AccessKeyId"],
        secret=made["SecretAccessKey"],
        session_token=made.get("SessionToken"),
        expires_at=made.get("ExpiresAt"),
    )
    return render(page)


def _policies() -> tuple[tuple[str, str], ...]:
    return tuple(
        (item["PolicyName"], item.get("Description") or "A policy of this account")
        for item in ask("ListPolicies")["Items"]
    )


def _key(item: Mapping[str, Any]) -> Key:
    use = item.get("LastUsed") or {}
    return Key(
        id=item["AccessKeyId"],
        name=item["Name"],
        principal_arn=item["PrincipalArn"],
        status=item["Status"],
        policies=tuple(item["Policies"]),
        document=item.get("PolicyDocument"),
        created_at=item["CreatedAt"],
        expires_at=item.get("ExpiresAt"),
        used_at=use.get("At"),
        used_for=use.get("Operation"),
        used_from=use.get("Address"),
        is_mine=item["AccessKeyId"] == person().caller.access_key_id,
    )
