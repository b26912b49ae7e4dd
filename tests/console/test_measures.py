"""Sizes and times in words."""

from datetime import timedelta

import pytest

from openprofiles.console.measures import size_words, span_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (99_949, "99.9 KB"),
        (99_960, "100 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (3_400_000_000, "3.4 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_a_size_is_said_by_its_unit(size, words):
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (10, "10 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (7500, "2 h 5 min"),
        (86_400, "1 day"),
        (2 * 86_400 + 3600, "2 days 1 h"),
    ],
)
def test_a_time_is_said_by_its_two_largest_units(seconds, words):
    assert span_words(timedelta(seconds=seconds)) == words
