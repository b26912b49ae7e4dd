"""What the editor shows of a draft: each line with what it reads and what is wrong with it, and the
profile that the sample would make.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.console.pages.object_types.draft import Draft, FieldRow, KeyRow
from openprofiles.console.pages.object_types.sample import NotASample, Sample, read_sample
from openprofiles.console.pages.object_types.words import (
    CONTENT_TYPES,
    IDENTIFIERS,
    RECORDS,
    meaning_of,
    place_of,
)
from openprofiles.console.pages.object_types.zones import (
    Filled,
    Group,
    flat,
    group_of_record,
    groups_of_profile,
)
from openprofiles.console.rights import might
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask
from openprofiles.core.errors import BadRequest

UNNAMED = "Draft"
"""What a type is called for its preview until it has a name."""
BESIDE = (
    "SourceLastUpdatedTimestampFormat",
    "EncryptionKey",
    "MaxProfileObjectCount",
    "ExpirationDays",
    "SourcePriority",
    "Tags",
)
"""Members that are one field of the form each, which says what is wrong with them."""
OUTCOMES = {
    "CREATED": ("good", "Makes a profile"),
    "ATTACHED": ("good", "Joins profile {}"),
    "UPDATED": ("good", "Replaces its earlier version, of profile {}"),
    "REJECTED": ("bad", "Is rejected"),
    "REFUSED": ("bad", "Is refused"),
}
Choices = tuple[tuple[str, str], ...]
TYPES: Choices = (("", "as it is written"), *list(CONTENT_TYPES.items())[1:])
NAMED: Choices = (
    ("", "no record"),
    *((identifier, f"the {RECORDS[name]}") for identifier, name in IDENTIFIERS.items()),
)
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z_0-9-]{0,254}")
_FRAME = re.compile(r"(?:Fields|Keys)\.[^:]*: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field: its line, what it reads from the sample, where that goes, what is wrong."""

    row: FieldRow
    value: str
    place: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key: its line, its value, what it does in words, what is wrong."""

    row: KeyRow
    value: str
    meaning: str
    problem: str | None

    @property
    def slots(self) -> tuple[str, ...]:
        """Its fields, and room for one more."""
        return (*self.row.fields, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """All that the editor shows; `outcome` is a kind of badge, what would become of the sample, and
    why.
    """

    draft: Draft
    fields: tuple[FieldView, ...]
    keys: tuple[KeyView, ...]
    problems: tuple[str, ...]
    beside: Mapping[str, str]
    refusal: str | None
    sample_problem: str | None
    sample_form: str
    records: int
    outcome: tuple[str, str, str] | None
    groups: tuple[Group, ...]
    may_tag: bool
    types: Choices = TYPES
    named: Choices = NAMED


def look_at(domain_name: str, draft: Draft, refusal: str | None = None) -> DraftView:
    """The draft as it is now, tried on its sample."""
    sample, sample_problem = _sample(draft)
    definition, own = draft.definition()
    own += draft.tags_given()[1]
    found: Mapping[str, Any] = {"Problems": []}
    if draft.fields or draft.template:
        found, said = _try(domain_name, draft, definition, sample)
        refusal = refusal or said
    problems = _problems(found, own, has_keys=bool(draft.keys or draft.template))
    shown = _names_of(draft) if draft.fields or draft.template else ()
    return DraftView(
        draft=draft,
        fields=tuple(_field(row, found, problems) for row in draft.fields),
        keys=_keys(draft, found, problems),
        problems=tuple(_general(draft, problems)),
        beside={name: "; ".join(problems[name]) for name in BESIDE if name in problems},
        refusal=refusal,
        sample_problem=sample_problem,
        sample_form=sample.form if sample else "",
        records=len(sample.records) if sample else 0,
        outcome=_outcome(found, problems),
        groups=tuple(_groups(draft, found, shown)) if shown else (),
        # The tags of a new type come with it; those of one that is there are of other operations.
        may_tag=not draft.original or (might("TagResource") and might("UntagResource")),
    )


def targets() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The standard objects, with all that fields may target."""
    return tuple(
        (entry["ObjectTypeName"], tuple(target["Target"] for target in entry["Targets"]))
        for entry in ask("DescribeStandardObjects")["Objects"]
    )


def predefined_keys() -> tuple[str, ...]:
    """The names of the keys that every domain has."""
    return tuple(key["KeyName"] for key in ask("DescribeStandardObjects")["Keys"])


def _sample(draft: Draft) -> tuple[Sample | None, str | None]:
    if not draft.sample.strip():
        return None, None
    try:
        return read_sample(draft.sample), None
    except NotASample as problem:
        return None, str(problem)


def _try(
    domain_name: str, draft: Draft, definition: Mapping[str, Any], sample: Sample | None
) -> tuple[Mapping[str, Any], str | None]:
    """What the service says to the draft and its sample; why it says nothing, if so."""
    name = draft.original or (draft.name if _NAME.fullmatch(draft.name) else UNNAMED)
    chosen = None if sample is None else sample.records[min(draft.record, len(sample.records) - 1)]
    given = {**definition, "Object": chosen}
    try:
        return ask(
            "PreviewProfileObject", DomainName=domain_name, ObjectTypeName=name, **given
        ), None
    except BadRequest as error:
        return {"Problems": []}, plainly(error)


def _problems(
    found: Mapping[str, Any], own: list[tuple[str, str]], *, has_keys: bool
) -> dict[str, list[str]]:
    """What is wrong, by member."""
    problems: dict[str, list[str]] = {}
    told = [(problem["Member"], problem["Message"]) for problem in found["Problems"]]
    for member, message in (*own, *told):
        if member == "" and not has_keys:
            # Nothing is wrong yet: the keys come next, and the page says so.
            message = "Add a key: one that tells objects apart, and one that finds the profile."
        problems.setdefault(member, []).append(_FRAME.sub("", message, count=1))
    return problems


def _general(draft: Draft, problems: Mapping[str, list[str]]) -> list[str]:
    """What is about no line of the form."""
    lines = {f"Fields.{row.name}" for row in draft.fields} | {f"Keys.{k.name}" for k in draft.keys}
    return [
        message
        for member, messages in problems.items()
        if member not in lines and member not in BESIDE
        for message in messages
    ]


def _field(row: FieldRow, found: Mapping[str, Any], problems: Mapping[str, list[str]]) -> FieldView:
    return FieldView(
        row=row,
        value=(found.get("FieldValues") or {}).get(row.name, ""),
        place=place_of(row.target) if row.target else "",
        problem="; ".join(problems.get(f"Fields.{row.name}", ())) or None,
    )


def _keys(
    draft: Draft, found: Mapping[str, Any], problems: Mapping[str, list[str]]
) -> tuple[KeyView, ...]:
    values = {
        (key["KeyName"], *key["FieldNames"]): key.get("Value") or ""
        for key in found.get("Keys") or ()
    }
    return tuple(
        KeyView(
            row=row,
            value=values.get((row.name, *row.fields), ""),
            meaning=meaning_of(row.identifiers),
            problem="; ".join(problems.get(f"Keys.{row.name}", ())) or None,
        )
        for row in draft.keys
    )


def _outcome(
    found: Mapping[str, Any], problems: Mapping[str, list[str]]
) -> tuple[str, str, str] | None:
    result = found.get("Result")
    if problems:
        return "warn", "Not finished yet", ""
    if result is None:
        return None
    kind, said = OUTCOMES[result]
    return kind, said.format(found.get("ProfileId")), found.get("Reason") or ""


def _names_of(draft: Draft) -> tuple[str, ...]:
    """The standard objects to show besides the profile: those that something goes to, and the one
    that was asked for.
    """
    named = (row.target.partition(".")[0] for row in draft.fields)
    return tuple(dict.fromkeys(("_profile", *filter(None, (*named, draft.show)))))


def _groups(draft: Draft, found: Mapping[str, Any], shown: tuple[str, ...]) -> list[Group]:
    known = dict(targets())
    values = flat("_profile", found.get("Profile") or {})
    for record in found.get("Records") or ():
        values |= flat(record["ObjectTypeName"], record["Fields"])
    states = {f"_profile.{path}": "kept" for path in found.get("KeptFields") or ()}
    if found.get("Result") in ("ATTACHED", "UPDATED"):
        states |= {f"_profile.{path}": "changed" for path in found["ChangedFields"]}
    sources = {row.target: row.name for row in draft.fields if row.target}
    filled = Filled(values=values, sources=sources, states=states)
    records = dict.fromkeys(
        (*shown, *(record["ObjectTypeName"] for record in found.get("Records") or ()))
    )
    return [
        *groups_of_profile(filled, known["_profile"]),
        *(
            group_of_record(filled, name, known[name])
            for name in records
            if name in known and name != "_profile"
        ),
    ]
