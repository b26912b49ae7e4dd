"""A mapping: an object type compiled so that it maps an object in microseconds (core reference §3,
§4).
"""

from collections.abc import Mapping as Members
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openprofiles.features.object_types import standard_objects, target, template, timestamp_format
from openprofiles.features.object_types.key_plan import KeyPlan, compile_keys, values_of
from openprofiles.features.object_types.mapped_object import MappedObject, Sketch, Unmappable
from openprofiles.features.object_types.reading import FieldValues, Reading, compile_reading
from openprofiles.features.object_types.standard_objects import PROFILE
from openprofiles.features.object_types.target import Target
from openprofiles.features.object_types.writing import Flat, Write, compile_write, fold, is_plain

STORED_UNDER = {"Gender": "GenderString", "PartyType": "PartyTypeString"}
"""Pairs of which a type may target one; the text is kept under the second, and both are shown."""
ENGAGEMENT_PREFERENCES = "EngagementPreferences"
INFERRED = {"EMAIL_ADDRESS": "EmailAddress", "PHONE_NUMBER": "PhoneNumber"}
"""Content type -> the field that its first value fills on a profile that the object creates (§4.5).
"""


@dataclass(frozen=True, slots=True)
class PlainField:
    """A field that goes, as text, to one field of the standard profile."""

    name: str
    path: str
    limit: int


@dataclass(frozen=True, slots=True)
class OtherField:
    """A field that goes to a standard record, or that is more than one text; `write` is None
    for a text.
    """

    name: str
    target: Target
    write: Write | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """An object type as ingestion uses it."""

    name: str
    allows_profile_creation: bool
    expiration_days: int | None
    source_priority: int | None
    max_object_count: int | None
    key_names: tuple[str, ...]
    reading: Reading
    keys: tuple[KeyPlan, ...]
    plain_fields: tuple[PlainField, ...]
    other_fields: tuple[OtherField, ...]
    inferring_fields: tuple[tuple[str, str], ...]
    source_time_fields: tuple[str, ...]
    parse_time: timestamp_format.Parse | None
    placeholder_fields: Members[str, str]

    def map(self, document: Members[str, Any]) -> MappedObject:
        """What the type makes of one object; Unmappable when it must be rejected."""
        found = self.reading.read(document)
        texts = found.texts
        keys = values_of(self.keys, texts)
        fields: Flat = {}
        records = self._write_others(found, fields) if self.other_fields else {}
        self._write_plain(texts, fields)
        return MappedObject(
            unique=keys.unique,
            lookups=keys.lookups,
            stored=keys.stored,
            record_lookups=keys.record_lookups,
            fields=fields,
            records=records,
            inferred=self._inferred(texts, fields),
            source_time=self._source_time(texts) if self.parse_time else None,
        )

    def sketch(self, document: Members[str, Any]) -> Sketch:
        """What the fields make of one object, whatever its keys; Unmappable when they hold what
        cannot be stored.
        """
        found = self.reading.read(document)
        fields: Flat = {}
        records = self._write_others(found, fields)
        self._write_plain(found.texts, fields)
        return Sketch(texts=found.texts, fields=fields, records=records)

    def _write_plain(self, texts: Members[str, str], fields: Flat) -> None:
        for plain in self.plain_fields:
            text = texts.get(plain.name)
            if text is not None:
                if len(text) > plain.limit:
                    raise _too_long(plain.name, plain.limit)
                fields[plain.path] = text

    def _write_others(self, found: FieldValues, fields: Flat) -> dict[str, Flat]:
        """Fill `fields` and the records with what is not plain text of the profile."""
        records: dict[str, Flat] = {}
        for other in self.other_fields:
            path = self._path(other.target, found)
            if path is None or other.name not in found.texts:
                continue
            if other.target.object_name != PROFILE:
                record = records.setdefault(other.target.object_name, {})
                _write(other, path, found, record)
            else:
                _write(other, path, found, fields)
                _require_short(other.name, path, fields)
        fold(fields, ENGAGEMENT_PREFERENCES)
        return {record_type: record for record_type, record in records.items() if record}

    def _path(self, place: Target, found: FieldValues) -> str | None:
        if place.placeholder is None:
            return place.path
        text = found.texts.get(self.placeholder_fields[place.placeholder])
        # A dot would begin another level of the flat path.
        return place.filled(text.replace(".", "_")) if text else None

    def _inferred(self, texts: Members[str, str], fields: Flat) -> dict[str, str]:
        inferred: dict[str, str] = {}
        for name, path in self.inferring_fields:
            text = texts.get(name)
            if text and path not in fields and len(text) <= standard_objects.TEXT_LIMIT:
                inferred.setdefault(path, text)
        return inferred

    def _source_time(self, texts: Members[str, str]) -> datetime | None:
        text = next(filter(None, map(texts.get, self.source_time_fields)), None)
        return self.parse_time(text) if self.parse_time and text else None


def compile_mapping(name: str, definition: Members[str, Any]) -> Mapping:
    """The mapping of a valid definition; BadRequest when a source, target or format is not
    valid.
    """
    is_template = definition.get("TemplateId") is not None
    targets = {
        field_name: target.parse(field["Target"], placeholders=is_template)
        for field_name, field in definition["Fields"].items()
        if field.get("Target")
    }
    written = {field: place for field, place in targets.items() if not place.is_source_time}
    format_text = definition.get("SourceLastUpdatedTimestampFormat")
    return Mapping(
        name=name,
        allows_profile_creation=bool(definition.get("AllowProfileCreation")),
        expiration_days=definition.get("ExpirationDays"),
        source_priority=definition.get("SourcePriority"),
        max_object_count=_max_object_count(definition),
        key_names=tuple(definition["Keys"]),
        reading=compile_reading(definition),
        keys=compile_keys(definition),
        plain_fields=tuple(
            PlainField(
                field,
                STORED_UNDER.get(place.path, place.path),
                standard_objects.text_limit(place.path),
            )
            for field, place in written.items()
            if _is_plain_profile(place)
        ),
        other_fields=tuple(
            OtherField(field, place, None if is_plain(place) else compile_write(place))
            for field, place in written.items()
            if not _is_plain_profile(place)
        ),
        inferring_fields=_inferring_fields(definition),
        source_time_fields=_source_time_fields(targets),
        parse_time=timestamp_format.compile_format(format_text) if format_text else None,
        placeholder_fields=_placeholder_fields(definition, targets),
    )


def _is_plain_profile(place: Target) -> bool:
    return place.object_name == PROFILE and is_plain(place)


def _max_object_count(definition: Members[str, Any]) -> int | None:
    """The count a type is given, else what its template says for all domains."""
    given: int | None = definition.get("MaxProfileObjectCount")
    if given is None and definition.get("TemplateId"):
        given = template.object_limits().get(definition["TemplateId"])
    return given


def _inferring_fields(definition: Members[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, INFERRED[field["ContentType"]])
        for name, field in definition["Fields"].items()
        if field.get("ContentType") in INFERRED
    )


def _source_time_fields(targets: Members[str, Target]) -> tuple[str, ...]:
    """Fields that say when the source changed the object: the profile's first, else a record's."""
    fields = [name for name, place in targets.items() if place.is_source_time]
    return tuple(sorted(fields, key=lambda name: targets[name].object_name != PROFILE))


def _placeholder_fields(
    definition: Members[str, Any], targets: Members[str, Target]
) -> dict[str, str]:
    """Placeholder -> the field that reads the member it is called after (templates README, rule
    4).
    """
    return {
        place.placeholder: next(
            name
            for name, field in definition["Fields"].items()
            if field["Source"].endswith(f".{place.placeholder}")
        )
        for place in targets.values()
        if place.placeholder
    }


def _write(other: OtherField, path: str, found: FieldValues, flat: Flat) -> None:
    if other.write is None:
        flat[path] = found.texts[other.name]
    else:
        other.write(found.of(other.name), flat)


def _require_short(name: str, path: str, fields: Flat) -> None:
    """Pass when all text below `path` fits into the standard profile."""
    for written, value in fields.items():
        if written.startswith(path) and isinstance(value, str):
            limit = standard_objects.text_limit(written)
            if len(value) > limit:
                raise _too_long(name, limit)


def _too_long(name: str, limit: int) -> Unmappable:
    return Unmappable(f"The value of field {name} is longer than {limit} characters")
