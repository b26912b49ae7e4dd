"""The connector of the how-to passes the suite, as its page says."""

import re
from pathlib import Path
from typing import Any

import pytest

from openprofiles.connectors import ConnectorKind, Pull, Setting, SourceRefused

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "connectors.md"

EXAMPLES: dict[str, Any] = {"__name__": "howto"}
for example in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
    exec(example, EXAMPLES)  # noqa: S102 - the page is ours


TestExample = EXAMPLES["TestJournal"]


def test_the_kind_of_the_example_opens_it(tmp_path):
    kind = EXAMPLES["KIND"]
    assert isinstance(kind, ConnectorKind)
    assert kind.settings == (Setting(name="path", text="Where the file is"),)

    connector = kind.open({"path": str(tmp_path / "missing")})

    with pytest.raises(SourceRefused):
        connector.check()


def test_a_line_that_is_still_written_waits(tmp_path):
    path = tmp_path / "journal"
    path.write_text('{"id": 1}\n{"id"')
    connector = EXAMPLES["KIND"].open({"path": str(path)})

    (first,) = connector.read(Pull(object_name="entries"))
    path.write_text('{"id": 1}\n{"id": 2}\n')
    (rest,) = connector.read(Pull(object_name="entries", bookmark=first.bookmark))

    assert [*first.records, *rest.records] == [{"id": 1}, {"id": 2}]
