"""The predefined object types: what ListProfileObjectTypeTemplates shows, and implicit types
(reference §2.2, §6).

One JSON file for each in `templates/`; `templates/meta/` says where each value comes from. Names
that begin with `_` show a standard object: they can be read, but nothing can be ingested through
them.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import msgspec

SHOWN = (
    "TemplateId",
    "SourceName",
    "SourceObject",
    "AllowProfileCreation",
    "SourceLastUpdatedTimestampFormat",
    "Fields",
    "Keys",
)
"""The members of GetProfileObjectTypeTemplate; the first three name the template in lists."""


@cache
def all_definitions() -> Mapping[str, Mapping[str, Any]]:
    """Every template by its id, in the order of the ids."""
    folder = resources.files(__package__).joinpath("templates")
    definitions = [
        msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        for file in folder.iterdir()
        if file.name.endswith(".json")
    ]
    return {
        definition["TemplateId"]: definition
        for definition in sorted(definitions, key=lambda definition: str(definition["TemplateId"]))
    }


def find(template_id: str) -> Mapping[str, Any] | None:
    """The template called `template_id`, None when there is none."""
    return all_definitions().get(template_id)


def find_ingestible(template_id: str) -> Mapping[str, Any] | None:
    """The template called `template_id` if objects can be ingested through it."""
    return None if template_id.startswith("_") else find(template_id)


@cache
def object_limits() -> Mapping[str, int]:
    """DefaultMaxProfileObjectCount of the templates that have one."""
    return {
        name: definition["DefaultMaxProfileObjectCount"]
        for name, definition in all_definitions().items()
        if "DefaultMaxProfileObjectCount" in definition
    }


def as_response(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A template in the shape of GetProfileObjectTypeTemplate."""
    return {member: definition[member] for member in SHOWN if member in definition}


def as_list_item(template_id: str) -> dict[str, Any]:
    """A template in the shape of an item of ListProfileObjectTypeTemplates."""
    return {member: all_definitions()[template_id][member] for member in SHOWN[:3]}
