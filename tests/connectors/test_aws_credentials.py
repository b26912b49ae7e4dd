"""A part of credentials is refused, so that no library looks for the rest on this machine."""

import pytest

from openprofiles.connectors import SourceRefused, files, kinesis

PARTS = [
    ["access_key_id"],
    ["secret_access_key"],
    ["session_token"],
    ["access_key_id", "session_token"],
    ["secret_access_key", "session_token"],
]


@pytest.mark.parametrize("kind", [files.KIND, kinesis.KIND], ids=["s3", "kinesis"])
@pytest.mark.parametrize("given", PARTS, ids="+".join)
def test_a_part_of_credentials_is_refused_also_where_the_machine_has_some(kind, given, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "machine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "machine")

    with pytest.raises(SourceRefused, match="belong together") as refused:
        kind.open({"stream_name": "x", **dict.fromkeys(given, "s3cret")})
    assert "s3cret" not in str(refused.value)
