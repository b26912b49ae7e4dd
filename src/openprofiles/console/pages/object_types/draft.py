"""A mapping in the making, as the form of the editor holds it; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from openprofiles.console.pages.object_types.words import IDENTIFIERS

T = TypeVar("T")
Problems = list[tuple[str, str]]
"""Members and what is wrong with them."""

NUMBERS = {
    "ExpirationDays": "Objects are kept for a whole number of days.",
    "SourcePriority": "The priority is a whole number; 1 is the strongest.",
    "MaxProfileObjectCount": "Objects for each profile are a whole number.",
}
TEXTS = ("SourceLastUpdatedTimestampFormat", "EncryptionKey")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A line of the editor: a field, finished or not."""

    name: str = ""
    source: str = ""
    target: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """An entry of a key. `finds` is PROFILE, SECONDARY or nothing; `keeps` is LOOKUP_ONLY, NEW_ONLY
    or nothing; `record` is the identifier of a record, `others` are further ones.
    """

    name: str = ""
    fields: tuple[str, ...] = ()
    is_unique: bool = False
    finds: str = ""
    keeps: str = ""
    record: str = ""
    others: tuple[str, ...] = ()

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The standard identifiers that it has."""
        finds = {"PROFILE": ("PROFILE",), "SECONDARY": ("PROFILE", "SECONDARY")}
        unique = ("UNIQUE",) if self.is_unique else ()
        rest = tuple(filter(None, (self.keeps, self.record, *self.others)))
        return (*unique, *finds.get(self.finds, ()), *rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All that the form holds; numbers as they were typed. `original` is the type that it changes,
    empty for a new one.
    """

    original: str = ""
    name: str = ""
    description: str = ""
    template: str = ""
    creates: bool = True
    numbers: Mapping[str, str]
    texts: Mapping[str, str]
    tags: str = ""
    fields: tuple[FieldRow, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    sample: str = ""
    record: int = 0
    show: str = ""

    def definition(self) -> tuple[dict[str, Any], Problems]:
        """The members of PutProfileObjectType that say what the type is, and why some cannot be
        told.
        """
        problems: Problems = []
        members: dict[str, Any] = {name: text for name, text in self.texts.items() if text}
        for name, text in self.numbers.items():
            if text.isdecimal():
                members[name] = int(text)
            elif text:
                problems.append((name, NUMBERS[name]))
        if self.template:
            # How times are written comes with the template, and must not be given beside it.
            members.pop("SourceLastUpdatedTimestampFormat", None)
            return {**members, "TemplateId": self.template}, problems
        if self.creates:
            members["AllowProfileCreation"] = True
        members["Fields"] = {row.name: _field(row) for row in self.fields}
        if len(members["Fields"]) < len(self.fields):
            problems += _repeated(self.fields)
        keys: dict[str, list[dict[str, Any]]] = {}
        for key in self.keys:
            keys.setdefault(key.name, []).append(
                {"StandardIdentifiers": list(key.identifiers), "FieldNames": list(key.fields)}
            )
        members["Keys"] = keys
        return members, problems

    def tags_given(self) -> tuple[dict[str, str], Problems]:
        """The tags, from lines of `name=value`."""
        found: dict[str, str] = {}
        for line in filter(None, map(str.strip, self.tags.splitlines())):
            name, separator, value = line.partition("=")
            if not separator:
                return {}, [("Tags", "Tags are lines of name=value.")]
            found[name.strip()] = value.strip()
        return found, []

    def with_found(self, found: Mapping[str, Any]) -> "Draft":
        """With the fields of a detected type whose members are not read yet, and its keys and
        format of times where there were none.
        """
        known = {row.source for row in self.fields}
        names = {row.name for row in self.fields}
        new = [
            row
            for row in rows_of(found.get("Fields") or {})
            if row.source not in known and row.name not in names
        ]
        keys = self.keys
        if not keys and not self.fields:
            keys = key_rows(found.get("Keys") or {})
        texts = dict(self.texts)
        time_format = found.get("SourceLastUpdatedTimestampFormat")
        if time_format and not texts.get("SourceLastUpdatedTimestampFormat"):
            texts["SourceLastUpdatedTimestampFormat"] = time_format
        return replace(self, fields=(*self.fields, *new), keys=keys, texts=texts)

    def without(self, kind: str, number: int) -> "Draft":
        """Without a field or a key, by its place."""
        if kind == "field":
            return replace(self, fields=_without(self.fields, number))
        return replace(self, keys=_without(self.keys, number))

    def with_one_more(self, kind: str) -> "Draft":
        """With another field or key, still empty."""
        if kind == "field":
            return replace(self, fields=(*self.fields, FieldRow()))
        return replace(self, keys=(*self.keys, KeyRow(finds="PROFILE")))


def empty() -> Draft:
    """A draft of a new type."""
    return Draft(numbers=dict.fromkeys(NUMBERS, ""), texts=dict.fromkeys(TEXTS, ""))


def from_form(form: "MultiDict[str, str]") -> Draft:
    """The draft that a form holds."""
    return Draft(
        original=form.get("original", ""),
        name=form.get("name", "").strip(),
        description=form.get("description", "").strip(),
        template=form.get("template", ""),
        # A form that does not ask yet leaves it at what a first source of a domain needs.
        creates="creates" in form or "begun" not in form,
        numbers={name: form.get(name, "").strip() for name in NUMBERS},
        texts={name: form.get(name, "").strip() for name in TEXTS},
        tags=form.get("tags", ""),
        fields=tuple(_field_rows(form)),
        keys=tuple(_key_rows(form)),
        sample=form.get("sample", ""),
        record=_place(form.get("record", "")),
        show=form.get("show", ""),
    )


def from_type(found: Mapping[str, Any], *, name: str, original: str) -> Draft:
    """The draft that shows a type as it is."""
    template = found.get("TemplateId") or ""
    numbers = {member: str(found.get(member) or "") for member in NUMBERS}
    return Draft(
        original=original,
        name=name,
        description=found.get("Description") or "",
        template=template,
        creates=bool(found.get("AllowProfileCreation")),
        numbers=numbers,
        texts={member: found.get(member) or "" for member in TEXTS},
        tags="\n".join(
            f"{key}={value}" for key, value in sorted((found.get("Tags") or {}).items())
        ),
        fields=() if template else rows_of(found["Fields"]),
        keys=() if template else key_rows(found["Keys"]),
    )


def rows_of(fields: Mapping[str, Mapping[str, Any]]) -> tuple[FieldRow, ...]:
    """The lines of a definition's fields."""
    return tuple(
        FieldRow(
            name=name,
            source=field["Source"],
            target=field.get("Target") or "",
            content_type=field.get("ContentType") or "",
        )
        for name, field in fields.items()
    )


def key_rows(keys: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[KeyRow, ...]:
    """The lines of a definition's keys."""
    return tuple(_key_row(name, entry) for name, entries in keys.items() for entry in entries)


def _key_row(name: str, entry: Mapping[str, Any]) -> KeyRow:
    given = entry.get("StandardIdentifiers") or ()
    records = [identifier for identifier in given if identifier in IDENTIFIERS]
    finds = "SECONDARY" if "SECONDARY" in given else "PROFILE" if "PROFILE" in given else ""
    keeps = next((each for each in ("LOOKUP_ONLY", "NEW_ONLY") if each in given), "")
    return KeyRow(
        name=name,
        fields=tuple(entry["FieldNames"]),
        is_unique="UNIQUE" in given,
        finds=finds,
        keeps=keeps,
        record=records[0] if records else "",
        others=tuple(records[1:]),
    )


def _field_rows(form: "MultiDict[str, str]") -> Iterator[FieldRow]:
    columns = (form.getlist(f"field-{part}") for part in ("name", "source", "target", "type"))
    for name, source, target, content_type in zip(*columns, strict=False):
        yield FieldRow(
            name=name.strip(),
            source=source.strip(),
            target=target.strip(),
            content_type=content_type,
        )


def _key_rows(form: "MultiDict[str, str]") -> Iterator[KeyRow]:
    for place, name in enumerate(form.getlist("key-name")):
        yield KeyRow(
            name=name.strip(),
            fields=tuple(filter(None, form.getlist(f"key-{place}-field"))),
            is_unique=form.get("unique") == str(place),
            finds=form.get(f"key-{place}-finds", ""),
            keeps=form.get(f"key-{place}-keeps", ""),
            record=form.get(f"key-{place}-record", ""),
            others=tuple(form.get(f"key-{place}-others", "").split()),
        )


def _field(row: FieldRow) -> dict[str, str]:
    members = {"Source": row.source, "Target": row.target, "ContentType": row.content_type}
    return {name: value for name, value in members.items() if value}


def _repeated(rows: Sequence[FieldRow]) -> Problems:
    names = [row.name for row in rows]
    twice = dict.fromkeys(name for name in names if names.count(name) > 1)
    return [(f"Fields.{name}", "Another field has this name.") for name in twice]


def _without(rows: tuple[T, ...], number: int) -> tuple[T, ...]:
    return (*rows[:number], *rows[number + 1 :])


def _place(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else 0
