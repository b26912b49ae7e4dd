"""Sources of fields: a JSON accessor, a Handlebars template, or a constant (reference §3.2)."""

import re
from dataclasses import dataclass

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import accessor, handlebars
from openprofiles.features.object_types.accessor import Read

_FOREIGN_ROOT = re.compile(r"_|\$|(source|object)\.")


@dataclass(frozen=True, slots=True)
class Source:
    """How to read a field from a document; `is_list` when it gives a value for each element."""

    read: Read
    is_list: bool = False


def compile_source(text: str) -> Source:
    """The source that `text` describes; BadRequest with the reason when it describes none."""
    if "{{" in text or "}}" in text:
        return Source(handlebars.compile_template(text))
    if text.startswith(accessor.ROOT):
        steps = accessor.parse(text)
        return Source(accessor.compile_steps(steps), accessor.has_list(steps))
    if _FOREIGN_ROOT.match(text):
        raise BadRequest(f"Source must begin with {accessor.ROOT}: nothing else can be read")
    return Source(lambda _: text)
