"""Whatever a definition or a document holds, it is used or refused with a sentence."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import (
    Unmappable,
    detecting,
    handlebars,
    standard_objects,
    target,
    template,
    timestamp_format,
)
from openprofiles.features.object_types.mapping import compile_mapping
from openprofiles.features.object_types.source import compile_source

INGESTIBLE = {
    name: compile_mapping(name, definition)
    for name, definition in template.all_definitions().items()
    if not name.startswith("_")
}
NAMES = st.sampled_from(["City", "Id", "id", "link", "Title", "Phone", "b.c", ""]) | st.text()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(NAMES, values, max_size=3),
    max_leaves=8,
)
PIECES = ["{{", "}}", "{{{", "#if ", "#each ", "/if", "/each", "else", "_source.a", "this", "../"]
TEMPLATES = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)
PATTERNS = st.text(alphabet="yMdHhkKmsSaEzZX'-: T", max_size=12)


def attempt(function, *arguments):
    """What a function makes, or None and the sentence with which it refuses."""
    try:
        return function(*arguments), ""
    except (BadRequest, Unmappable) as refusal:
        return None, str(refusal)


def document_of(definition, values):
    """A document with a value wherever a field of the definition looks for one."""
    document: dict[str, Any] = {}
    sources = [field["Source"] for field in definition["Fields"].values()]
    for source, value in zip(sources, values, strict=False):
        here = document
        *steps, last = source.removeprefix("_source.").split(".")
        for step in steps:
            name = step.removesuffix("[]")
            inner = here.get(name)
            if not isinstance(inner, dict):
                inner = here[name] = {}
            here = inner
        here[last] = value
    return document


@settings(max_examples=300)
@given(st.sampled_from(sorted(INGESTIBLE)), st.lists(VALUES, min_size=3, max_size=60))
def test_any_document_is_mapped_or_rejected(name, values):
    document = document_of(template.all_definitions()[name], values)

    mapped, reason = attempt(INGESTIBLE[name].map, document)

    if mapped is None:
        assert reason
    else:
        assert mapped.unique.value
        assert mapped.lookups
        assert all(isinstance(value, str) and value for value in mapped.fields.values())
        assert all(mapped.records.values())
        msgspec.json.encode([mapped.fields, mapped.records, mapped.inferred])


@given(TEMPLATES, VALUES)
def test_any_template_makes_text_or_is_refused(text, value):
    render, refusal = attempt(handlebars.compile_template, text)

    if render is None:
        assert refusal.startswith("Source is not a valid template")
    else:
        assert isinstance(render({"a": value}), str)


@given(st.text(max_size=40) | st.text(max_size=20).map(lambda text: f"_source.{text}"), VALUES)
def test_any_source_reads_or_is_refused(text, value):
    source, refusal = attempt(compile_source, text)

    if source is None:
        assert refusal.startswith("Source ")
    else:
        source.read({"a": value})


@given(st.sampled_from([*standard_objects.all_objects(), ""]), st.text(max_size=30))
def test_any_target_is_a_place_or_refused(name, path):
    place, refusal = attempt(target.parse, f"{name}.{path}")

    if place is None:
        assert refusal.startswith("Target ")
    else:
        assert place.object_name == name


@settings(max_examples=500)
@given(PATTERNS, st.text(alphabet="0123456789-:. TZ+apmjuneUTC", max_size=25))
def test_any_timestamp_is_read_or_absent(pattern, text):
    parse, refusal = attempt(timestamp_format.compile_format, pattern)

    if parse is None:
        assert refusal.startswith("SourceLastUpdatedTimestampFormat")
    else:
        parse(text)


@given(st.lists(st.dictionaries(st.text(max_size=20), VALUES, max_size=5), min_size=1, max_size=3))
def test_any_samples_make_a_type_that_can_be_compiled(samples):
    detected = detecting.detect([msgspec.json.encode(sample).decode() for sample in samples])

    for found in detected:
        compile_mapping("Detected", found)


@pytest.mark.parametrize("target_path", ["_airSegment.Seat", "_profile.Attributes.x"])
@pytest.mark.parametrize("depth", [30, 300, 900, 5000])
def test_deep_documents_are_mapped_or_rejected(target_path, depth):
    mapping = compile_mapping(
        "Deep",
        {
            "Fields": {
                "id": {"Source": "_source.id"},
                "x": {"Source": "_source.x", "Target": target_path},
                "y": {"Source": "{{_source.y}}"},
            },
            "Keys": {"id": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["id"]}]},
        },
    )
    deep: dict[str, Any] = {"a": 1}
    deep_list: list[Any] = [1]
    for _ in range(depth):
        deep, deep_list = {"a": deep}, [deep_list]

    for document in ({"id": "1", "x": deep}, {"id": "1", "x": deep_list, "y": deep_list}):
        mapped, reason = attempt(mapping.map, document)

        if mapped is None:
            assert "field" in reason
        else:
            assert all(path.count(".") <= 21 for path in mapped.records.get("_airSegment", {}))
