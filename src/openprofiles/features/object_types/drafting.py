"""A type that is being drawn up: as much of its mapping as is sound, to be tried on objects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import ResourceNotFound
from openprofiles.features.context import Context
from openprofiles.features.domains import Domain
from openprofiles.features.object_types import checking, store, template
from openprofiles.features.object_types.key_plan import Texts
from openprofiles.features.object_types.mapping import Mapping as CompiledMapping
from openprofiles.features.object_types.mapping import compile_mapping
from openprofiles.features.object_types.problem import Problem

DEFINING = ("Fields", "Keys", "TemplateId")


@dataclass(frozen=True, slots=True)
class Draft:
    """A definition, what is wrong with it, and the mapping of what is not: without fields that
    break a rule, and without keys unless all is well.
    """

    definition: Mapping[str, Any]
    mapping: CompiledMapping
    problems: tuple[Problem, ...]

    def keys_of(self, texts: Texts) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
        """Each entry of the keys by the name of its key, with the value that the texts of an
        object's fields give it.
        """
        plans = iter(self.mapping.keys)
        for name, entries in self.definition["Keys"].items():
            for entry in entries:
                yield name, entry, next(plans).value_of(texts)


def draft_mapping(context: Context, domain: Domain, request: Mapping[str, Any]) -> Draft:
    """What a request of PutProfileObjectType makes; the type as it is when the request has none of
    fields, keys and a template.

    ResourceNotFound when there is neither.
    """
    name = request["ObjectTypeName"]
    if not any(request.get(member) for member in DEFINING):
        definition = _stored(context, domain, name)
        return Draft(definition, compile_mapping(name, definition), ())
    checked = checking.check(context, domain, request)
    if not checked.problems and checked.definition is not None:
        mapping = compile_mapping(name, checked.definition)
        return Draft(checked.definition, mapping, ())
    sound = _sound(checked.definition or request, checked.problems)
    return Draft(sound, compile_mapping(name, sound), checked.problems)


def _stored(context: Context, domain: Domain, name: str) -> Mapping[str, Any]:
    found = store.find(context.transaction, domain.id, name)
    definition = found.definition if found else template.find_ingestible(name)
    if definition is None:
        raise ResourceNotFound(f"Profile object type {name} not found in domain {domain.name}")
    return definition


def _sound(definition: Mapping[str, Any], problems: tuple[Problem, ...]) -> dict[str, Any]:
    """The fields of a definition that keep the rules, without the keys."""
    broken = {problem.member for problem in problems}
    fields = definition.get("Fields") or {}
    sound: dict[str, Any] = {
        "Fields": {name: field for name, field in fields.items() if f"Fields.{name}" not in broken},
        "Keys": {},
    }
    time_format = "SourceLastUpdatedTimestampFormat"
    if definition.get(time_format) and time_format not in broken:
        sound[time_format] = definition[time_format]
    return sound
