"""Rules of keys that the wire checks too, for definitions that come another way."""

from openprofiles.features.object_types import key_rules


def test_a_field_with_a_dot_in_its_name_cannot_be_in_a_key():
    definition = {
        "Fields": {"a.b": {"Source": "_source.x"}},
        "Keys": {"k": [{"StandardIdentifiers": ["UNIQUE", "PROFILE"], "FieldNames": ["a.b"]}]},
    }

    problems = key_rules.find_problems(definition, targeted_objects=(), most_entries=10)

    assert [problem.member for problem in problems] == ["Keys.k"]
    assert "a field with a dot in its name cannot be in a key" in problems[0].message
