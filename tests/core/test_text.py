"""Text that the database cannot hold is found wherever it is."""

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.core.text import is_storable, require_storable


@pytest.mark.parametrize("text", ["", "plain", "ü 🙂 \x01 \uffff"])
def test_other_text_is_storable(text):
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\0", "a\0", "\ud800", "a\udfffb"])
def test_nul_and_halves_of_pairs_are_not(text):
    assert not is_storable(text)


@pytest.mark.parametrize(
    "value", ["\0", {"a": "\0"}, {"\0": "a"}, ["a", "\0"], ("a", {"b": [{"c": "\ud800"}]})]
)
def test_bad_text_is_found_at_any_depth(value):
    with pytest.raises(BadRequest, match="Tags holds a character that cannot be stored"):
        require_storable("Tags", value)


def test_what_is_not_text_passes():
    require_storable("Matching", {"Enabled": True, "Levels": [1, None, 0.5], "Name": "a"})
