"""Rules: which values make two profiles one customer, and a dry run that shows whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from flask import Response, request, url_for
from werkzeug.datastructures import MultiDict

from openprofiles.console.pages.duplicate_settings.answering import answer
from openprofiles.console.pages.duplicate_settings.area import FILES, blueprint, may_change
from openprofiles.console.pages.duplicate_settings.matching import MODELS
from openprofiles.console.pages.duplicate_settings.reading import (
    Block,
    Unreadable,
    lines_of,
    lists_in,
    resolution_in,
    whole_in,
    without_nothing,
)
from openprofiles.console.pages.duplicates import people
from openprofiles.console.pages.duplicates.comparing import label_of, values_of
from openprofiles.console.rendering import Page, render
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask
from openprofiles.core.errors import BadRequest

SHOWN = 20
NAMED = 5
"""Profiles of a group that are told by name."""

LOOKED_AT = 50_000
"""Profiles of a dry run: somebody waits for it."""

SELECTORS = (
    ("", "Any phone, e-mail or address with any other"),
    ("ONE_TO_ONE", "Only the same field of both (one to one)"),
    ("MANY_TO_MANY", "Any chosen field with any other (many to many)"),
)
SELECTABLE = {
    "PhoneNumber": ("PhoneNumber", "HomePhoneNumber", "MobilePhoneNumber", "BusinessPhoneNumber"),
    "EmailAddress": ("EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"),
    "Address": ("Address", "ShippingAddress", "MailingAddress", "BillingAddress"),
}
"""Attribute type of a rule -> the fields that may stand for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesForm:
    """What is typed."""

    is_enabled: bool
    rules: str
    matching_level: str
    merging_level: str
    selector: str
    fields: tuple[str, ...]
    resolution: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """What comes of one rule."""

    level: int
    attributes: tuple[str, ...]
    groups: int
    profiles: int
    unusable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group that the rules would make: who, what speaks for it, and in what they differ."""

    level: int
    size: int
    people: tuple[tuple[str, str | None], ...]
    agreeing: tuple[tuple[str, tuple[str, ...]], ...]
    differing: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesDryRun:
    """What the rules would find. `problem` says why it is not known."""

    problem: str | None = None
    reviewed: int = 0
    is_complete: bool = True
    found: int = 0
    merged: int = 0
    levels: tuple[Level, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """How far rules are applied to the profiles that were there before them."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesDryRunPart(Page):
    """The dry run, inside the page."""

    template: ClassVar[str] = "duplicate_settings/rules_dry_run.html"

    title: str = "Dry run"
    """What the part is called."""
    dry_run: RulesDryRun | None
    """What would be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage(Page):
    """The rules of a domain."""

    template: ClassVar[str] = "duplicate_settings/rules.html"
    files: ClassVar[tuple[str, ...]] = FILES

    title: str = "Duplicate settings"
    """What the page is called."""
    domain: str
    """The domain."""
    form: RulesForm
    """What is typed."""
    applying: Applying | None
    """How far they are applied, while they are."""
    selectors: tuple[tuple[str, str], ...] = SELECTORS
    """How phones, e-mails and addresses can be compared."""
    selectable: tuple[tuple[str, tuple[str, ...]], ...] = tuple(SELECTABLE.items())
    """The fields that may stand for each of them."""
    models: tuple[tuple[str, str], ...] = MODELS
    """How conflicts can be decided."""
    may_change: bool
    """Whether the person may change them."""
    problem: str | None = None
    """Why they were not changed."""
    dry_run: RulesDryRun | None = None
    """What they would find; None when nobody asked."""


@blueprint.get("/domains/<domain_name>/duplicates/settings/rules")
def rules(domain_name: str) -> Response:
    """The rules as they are."""
    domain = ask("GetDomain", DomainName=domain_name)
    return _show(domain_name, _form_of(domain.get("RuleBasedMatching") or {"Enabled": False}))


@blueprint.post("/domains/<domain_name>/duplicates/settings/rules")
def change_rules(domain_name: str) -> Response:
    """Change them, or say what they would find."""
    form = _form_in(request.form)
    return answer(
        partial(_show, domain_name, form),
        tried=lambda: _try(domain_name, form),
        part_of=lambda dry_run: RulesDryRunPart(dry_run=dry_run),
        save=lambda: _save(domain_name, form),
        done="The rules are set. Profiles follow them as they are written.",
        back=url_for("duplicate_settings.rules", domain_name=domain_name),
    )


def _save(domain_name: str, form: RulesForm) -> None:
    """Set what was typed; what the form does not show stays as it was."""
    before = ask("GetDomain", DomainName=domain_name).get("RuleBasedMatching") or {}
    block = {
        "Enabled": form.is_enabled,
        **_rules_in(form),
        "ConflictResolution": resolution_in(form.resolution, form.source),
        "ExportingConfig": before.get("ExportingConfig"),
    }
    ask("UpdateDomain", DomainName=domain_name, RuleBasedMatching=without_nothing(block))


def _show(
    domain_name: str,
    form: RulesForm,
    *,
    problem: str | None = None,
    dry_run: RulesDryRun | None = None,
) -> Response:
    page = RulesPage(
        domain=domain_name,
        form=form,
        applying=_applying(domain_name),
        may_change=may_change(),
        problem=problem,
        dry_run=dry_run,
    )
    return render(page, status=200 if problem is None else 422)


def _applying(domain_name: str) -> Applying | None:
    status = ask("GetRuleMatchingStatus", DomainName=domain_name)
    if status["Status"] not in ("PENDING", "IN_PROGRESS"):
        return None
    return Applying(done=status["ProfilesDone"], total=status["ProfilesInDomain"])


def _form_of(block: Block) -> RulesForm:
    selector = block.get("AttributeTypesSelector") or {}
    resolution = block.get("ConflictResolution") or {}
    return RulesForm(
        is_enabled=block["Enabled"],
        rules=lines_of([rule["Rule"] for rule in block.get("MatchingRules") or ()]),
        matching_level=str(block.get("MaxAllowedRuleLevelForMatching") or ""),
        merging_level=str(block.get("MaxAllowedRuleLevelForMerging") or ""),
        selector=selector.get("AttributeMatchingModel", ""),
        fields=tuple(name for kind in SELECTABLE for name in selector.get(kind) or ()),
        resolution=resolution.get("ConflictResolvingModel", "RECENCY"),
        source=resolution.get("SourceName") or "",
    )


def _form_in(form: MultiDict[str, str]) -> RulesForm:
    return RulesForm(
        is_enabled="enabled" in form,
        rules=form.get("rules", ""),
        matching_level=form.get("matching_level", ""),
        merging_level=form.get("merging_level", ""),
        selector=form.get("selector", ""),
        fields=tuple(form.getlist("fields")),
        resolution=form.get("resolution", "RECENCY"),
        source=form.get("source", ""),
    )


def _rules_in(form: RulesForm) -> dict[str, Any]:
    """The members that decide about groups. Unreadable when a level is no number."""
    selector: dict[str, Any] = {}
    if form.selector:
        selector = {"AttributeMatchingModel": form.selector}
        for kind, names in SELECTABLE.items():
            selector[kind] = [name for name in names if name in form.fields]
    members = {
        "MatchingRules": [{"Rule": names} for names in lists_in(form.rules)],
        "MaxAllowedRuleLevelForMatching": whole_in(form.matching_level, "The level to match by"),
        "MaxAllowedRuleLevelForMerging": whole_in(form.merging_level, "The level to merge by"),
        "AttributeTypesSelector": without_nothing(selector),
    }
    return without_nothing(members)


def _try(domain_name: str, form: RulesForm) -> RulesDryRun:
    try:
        found = ask(
            "PreviewRules",
            DomainName=domain_name,
            **_rules_in(form),
            MaxProfiles=LOOKED_AT,
            MaxResults=SHOWN,
        )
    except Unreadable as error:
        return RulesDryRun(problem=str(error))
    except BadRequest as error:
        return RulesDryRun(problem=plainly(error))
    levels = tuple(map(_level, found["Levels"]))
    attributes = {level.level: level.attributes for level in levels}
    ids = [one for group in found["Groups"] for one in group["ProfileIds"][:NAMED]]
    profiles = people.read(domain_name, ids)
    return RulesDryRun(
        reviewed=found["ProfilesReviewed"],
        is_complete=found["IsComplete"],
        found=found["NumberOfGroups"],
        merged=found["NumberOfProfilesWillBeMerged"],
        levels=levels,
        groups=tuple(
            _group(group, attributes[group["RuleLevel"]], profiles) for group in found["Groups"]
        ),
    )


def _level(item: Mapping[str, Any]) -> Level:
    return Level(
        level=item["RuleLevel"],
        attributes=tuple(item["Attributes"]),
        groups=item["NumberOfGroups"],
        profiles=item["NumberOfProfiles"],
        unusable=item["NumberOfUnusableValues"],
    )


def _group(
    item: Mapping[str, Any], attributes: Sequence[str], profiles: Mapping[str, people.Profile]
) -> Group:
    shown = [profiles[one] for one in item["ProfileIds"][:NAMED] if one in profiles]
    return Group(
        level=item["RuleLevel"],
        size=item["NumberOfProfiles"],
        people=tuple((people.name_of(profile), people.reach_of(profile)) for profile in shown),
        agreeing=_values(attributes, shown),
        differing=_values(item["Disagreements"], shown),
    )


def _values(
    attributes: Sequence[str], shown: Sequence[people.Profile]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What profiles have in the fields that stand for attributes, each text once."""
    held = [values_of(profile) for profile in shown]
    found: list[tuple[str, tuple[str, ...]]] = []
    for attribute in dict.fromkeys(_kind(name) for name in attributes):
        names = SELECTABLE.get(attribute, (attribute,))
        texts = people.distinct(values.get(name) for values in held for name in names)
        found.append((label_of(attribute), texts))
    return tuple(found)


def _kind(attribute: str) -> str:
    """Parts of an address are told as the address."""
    return "Address" if attribute.startswith("Address.") else attribute
