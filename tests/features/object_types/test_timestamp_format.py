"""Timestamps of source systems, read as Java's SimpleDateFormat does (core reference §3.4)."""

from datetime import UTC, datetime

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types.timestamp_format import compile_format


@pytest.mark.parametrize(
    ("pattern", "text", "moment"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "2024-02-03T10:11:12Z", "2024-02-03T10:11:12"),
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "2024-02-03T10:11:12Z and more", "2024-02-03T10:11:12"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2024-02-03T10:00:00.123+0530", "2024-02-03T04:30:00.123"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2024-02-03T10:00:00.5Z", "2024-02-03T10:00:00.005"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSX", "2024-02-03T10:00:00.123456Z", "2024-02-03T10:02:03.456"),
        ("yyyy-MM-dd'T'HH:mm:ssX", "2024-02-03T10:00:00-08", "2024-02-03T18:00:00"),
        ("yyyy-MM-dd'T'HH:mm:ssX", "2024-02-03T10:00:00+05:30", "2024-02-03T04:30:00"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-02-03T10:00:00+01:00", "2024-02-03T09:00:00"),
        ("yyyy-MM-dd HH:mm:ss z", "2024-02-03 10:00:00 UTC", "2024-02-03T10:00:00"),
        ("yyyy-MM-dd HH:mm:ss z", "2024-02-03 10:00:00 GMT+1", "2024-02-03T09:00:00"),
        ("yyyy-MM-dd HH:mm:ss Z", "2024-02-03 10:00:00 PST", "2024-02-03T18:00:00"),
        ("yyyyMMddHHmmss", "20240203101112", "2024-02-03T10:11:12"),
        ("EEE, d MMM yyyy h:mm a", "Sat, 3 Feb 2024 12:05 AM", "2024-02-03T00:05:00"),
        ("EEEE d MMMM yyyy h:mm a", "saturday 3 FEBRUARY 2024 1:05 pm", "2024-02-03T13:05:00"),
        ("d MMM yyyy K:mm a", "3 Sep 2024 0:05 PM", "2024-09-03T12:05:00"),
        ("yyyy-MM-dd k", "2024-02-03 24", "2024-02-03T00:00:00"),
        ("yyyy-MM-dd k", "2024-02-03 7", "2024-02-03T07:00:00"),
        ("M/d/yy", "1/2/18", "2018-01-02T00:00:00"),
        ("M/d/yy", "1/2/45", "2045-01-02T00:00:00"),
        ("M/d/yy", "1/2/46", "1946-01-02T00:00:00"),
        ("M/d/yy", "1/2/2018", "2018-01-02T00:00:00"),
        ("yyyy-MM-dd HH:mm:ss", "2024-13-32 25:61:61", "2025-02-02T02:02:01"),
        ("yyyy-MM-dd", "2024- 2- 3", "2024-02-03T00:00:00"),
        ("HH:mm", "10:30", "1970-01-01T10:30:00"),
        ("h 'o''clock' ''yy''", "3 o'clock '24'", "2024-01-01T03:00:00"),
        ("EpochMilli", "1700000000123", "2023-11-14T22:13:20.123"),
        ("EPOCHMILLI", "1.7e12", "2023-11-14T22:13:20"),
    ],
)
def test_a_timestamp_is_read(pattern, text, moment):
    assert compile_format(pattern)(text) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "3 February 2024"),
        ("yyyy-MM-dd", ""),
        ("yyyy-MM-dd", "0000-01-01"),
        ("yyyy-MM-dd", "99999-01-01"),
        ("yyyy-MM-dd", "2024-01-999999999999"),
        ("dd MMM yyyy", "03 Foo 2024"),
        ("EpochMilli", "yesterday"),
        ("EpochMilli", "9" * 30),
        ("EpochMilli", "1.5"),
    ],
)
def test_what_cannot_be_read_is_absent(pattern, text):
    assert compile_format(pattern)(text) is None


@pytest.mark.parametrize("pattern", ["YYYY-MM-dd", "yyyy-MM-dd G", "'open", "--", "yyyy-MM-ddTHH"])
def test_an_unsupported_format_is_refused(pattern):
    with pytest.raises(BadRequest) as failure:
        compile_format(pattern)

    assert failure.value.message.startswith("SourceLastUpdatedTimestampFormat")
