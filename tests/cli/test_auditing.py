"""`openprofiles audit`."""

import csv
import json

import pytest

from openprofiles.cli import main


@pytest.fixture
def audit(options, capsys):
    """A function that runs the command: its output."""

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as end:
            main(["audit", *arguments, *options])
        assert end.value.code == 0
        return str(capsys.readouterr().out)

    return run


def test_a_domain_is_written_as_lines_or_as_a_table(audit, shop):
    shop.put("Thing", {"id": "1", "mail": "ann@example.com"})

    lines = [json.loads(line) for line in audit("--domain", shop.name).splitlines()]
    rows = list(csv.DictReader(audit("--domain", shop.name, "--format", "csv").splitlines()))

    assert "object.put" in [line["Kind"] for line in lines]
    assert [row["Id"] for row in rows] == [line["Id"] for line in lines]
    assert {row["DomainName"] for row in rows} == {shop.name}


def test_an_account_is_written_with_filters(audit, shop, monkeypatch):
    monkeypatch.setattr("openprofiles.features.auditing.operations.PAGE", 2)

    written = audit("--kind", "CreateDomain", "--since", "2026-01-01T00:00:00")

    assert shop.name in written
