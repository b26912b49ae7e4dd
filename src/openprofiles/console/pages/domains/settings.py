"""The settings of a domain: how long profiles are kept, where rejected objects go, encryption."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask import Response, flash, request, url_for

from openprofiles.console.pages.domains.area import ONE, ask_if_allowed, blueprint
from openprofiles.console.pages.domains.form import (
    QUEUE,
    SettingsForm,
    Unclear,
    problems_in,
    questions,
)
from openprofiles.console.pages.domains.overview import matching_in_words, rules_in_words
from openprofiles.console.rendering import Page, render
from openprofiles.console.rights import might
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import AccessDenied, BadRequest

ENCRYPTION = {
    "NOT_ENCRYPTED": ("not encrypted", "plain"),
    "ENCRYPTED": ("encrypted", "good"),
    "ENCRYPTING": ("is being encrypted", "busy"),
    "DECRYPTING": ("is being decrypted", "busy"),
    "RESEALING": ("is being encrypted anew", "busy"),
}
"""Status -> in words, and its kind of badge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How far the encryption of a domain is; `rows` are done of what is under way."""

    state: tuple[str, str]
    is_turning: bool
    is_usable: bool
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """What waits for the dead-letter queue, and what it refused for good."""

    waiting: int
    oldest: datetime | None
    given_up: int
    problem: str | None
    retry_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """The settings of a domain."""

    template: ClassVar[str] = "domains/settings.html"

    domain_name: str
    """The domain."""
    form: SettingsForm
    """What is set, or what was typed."""
    problems: Mapping[str, str]
    """Field -> why it was not set."""
    questions: tuple[str, ...]
    """What to be sure of before it is set."""
    encryption: Encryption | None
    """How far its encryption is; None for those who may not know."""
    letters: Letters | None
    """What waits for its queue; None without a queue, and for those who may not know."""
    tags: Mapping[str, str]
    """Its tags."""
    tag: tuple[str, str]
    """Key and value of a new tag, as they were typed."""
    tag_problem: str | None
    """Why the tag was not set."""
    matching: str
    """Whether it finds who is one customer by itself, in words."""
    rules: str
    """Whether it has rules of matching, and how far they are, in words."""
    profiles: int
    """How many profiles it has."""
    objects: int
    """How many objects it has."""
    bytes: int
    """How many bytes its objects have."""
    created_at: datetime
    """When it was made."""
    updated_at: datetime
    """When its settings were last changed."""
    may_change: bool
    """Whether its settings may be changed."""
    may_retry: bool
    """Whether what its queue refused may be sent once more."""
    may_tag: bool
    """Whether tags may be set."""
    may_untag: bool
    """Whether tags may be removed."""
    may_delete: bool
    """Whether it may be deleted."""


@blueprint.get(f"{ONE}/settings")
def settings(domain_name: str) -> Response:
    """The settings as they are."""
    return show_settings(domain_name)


@blueprint.post(f"{ONE}/settings")
def change(domain_name: str) -> Response:
    """Set what was changed; what takes something away only when the person is sure."""
    form = SettingsForm.read(request.form)
    before = SettingsForm.of(ask("GetDomain", DomainName=domain_name))
    try:
        members = form.members(before)
        doubts = tuple(questions(members, before))
        if doubts and "sure" not in request.form:
            return show_settings(domain_name, form=form, questions=doubts)
        if members:
            ask("UpdateDomain", DomainName=domain_name, **members)
    except (Unclear, BadRequest, AccessDenied) as error:
        problems = problems_in(error, form, otherwise=QUEUE)
        return show_settings(domain_name, form=form, problems=problems)
    flash("It is set." if members else "Nothing was changed.", "success")
    return see_other(url_for("domains.settings", domain_name=domain_name))


@blueprint.post(f"{ONE}/settings/dead-letters/retry")
def retry_letters(domain_name: str) -> Response:
    """Have what the queue refused sent once more."""
    ask("RetryDeadLetters", DomainName=domain_name)
    flash("The job worker sends them again in a moment.", "success")
    return see_other(url_for("domains.settings", domain_name=domain_name))


def show_settings(
    domain_name: str,
    *,
    form: SettingsForm | None = None,
    problems: Mapping[str, str] | None = None,
    questions: tuple[str, ...] = (),
    tag: tuple[str, str] = ("", ""),
    tag_problem: str | None = None,
) -> Response:
    """The page, with what was typed and what is wrong with it."""
    domain = ask("GetDomain", DomainName=domain_name)
    stats = domain["Stats"]
    page = SettingsPage(
        title=f"Settings of {domain_name}",
        domain_name=domain_name,
        form=form or SettingsForm.of(domain),
        problems=problems or {},
        questions=questions,
        encryption=_encryption(ask_if_allowed("GetEncryption", DomainName=domain_name)),
        letters=_letters(ask_if_allowed("GetDeadLetterQueue", DomainName=domain_name)),
        tags=domain["Tags"] or {},
        tag=tag,
        tag_problem=tag_problem,
        matching=matching_in_words(domain),
        rules=rules_in_words(domain),
        profiles=stats["ProfileCount"],
        objects=stats["ObjectCount"],
        bytes=stats["TotalSize"],
        created_at=domain["CreatedAt"],
        updated_at=domain["LastUpdatedAt"],
        may_change=might("UpdateDomain"),
        may_retry=might("RetryDeadLetters"),
        may_tag=might("TagResource"),
        may_untag=might("UntagResource"),
        may_delete=might("DeleteDomain"),
    )
    return render(page, status=422 if problems or questions or tag_problem else 200)


def _encryption(answer: Mapping[str, Any] | None) -> Encryption | None:
    if answer is None:
        return None
    return Encryption(
        state=ENCRYPTION[answer["Status"]],
        is_turning=answer["Status"] not in ("ENCRYPTED", "NOT_ENCRYPTED"),
        is_usable=answer["IsUsable"],
        rows=answer["RowsDone"] or 0,
    )


def _letters(answer: Mapping[str, Any] | None) -> Letters | None:
    if answer is None or not answer["DeadLetterQueueUrl"]:
        return None
    return Letters(
        waiting=answer["Waiting"],
        oldest=answer["OldestRejectedAt"],
        given_up=answer["GivenUp"],
        problem=answer["Problem"],
        retry_at=answer["RetryAt"],
    )
