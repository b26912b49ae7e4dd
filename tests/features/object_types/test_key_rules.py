"""Rules of keys that the wire checks too, for definitions that come another way."""

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types import key_rules


def test_a_field_with_a_dot_in_its_name_cannot_be_in_a_key():
    definition = {
        "Fields": {"a.b": {"Source": "_source.x"}},
        "Keys": {"k": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["a.b"]}]},
    }

    with pytest.raises(BadRequest) as failure:
        key_rules.require_valid(definition, targeted_objects=(), most_entries=10)

    assert "a field with a dot in its name cannot be in a key" in failure.value.message
