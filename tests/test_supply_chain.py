"""What openprofiles brings along: licences, the bill of materials, and how an audit is judged."""

import datetime
import json
import re
import subprocess
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import audit, licences, sbom
from scripts.dependencies import ROOT, brought_along, extras, project


def package(folder: Path, *lines: str) -> Distribution:
    """A package with these lines of metadata."""
    (folder / "METADATA").write_text("Name: thing\nVersion: 1\n" + "".join(f"{x}\n" for x in lines))
    return Distribution.at(folder)


def test_all_that_is_brought_along_may_be_passed_on():
    assert licences.refused() == []


def test_a_package_of_another_licence_is_told(monkeypatch):
    monkeypatch.delitem(licences.ALLOWED, "LGPL-3.0-only")

    assert [re.sub(" .*:", ":", line) for line in licences.refused()] == [
        "psycopg: LGPL-3.0-only",
        "psycopg-binary: LGPL-3.0-only",
        "psycopg-pool: LGPL-3.0-only",
    ]


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR GPL-3.0-only) AND ISC", True),
        ("GPL-2.0-only", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("LicenseRef-Ours", False),
        ("Do with it (what", False),
        ("", False),
    ],
)
def test_a_licence_is_judged_by_its_expression(expression, allowed):
    assert licences.is_allowed(expression) is allowed


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT", "License: other"], "MIT"),
        (["Classifier: License :: OSI Approved :: BSD License"], "BSD-3-Clause"),
        (
            [
                "Classifier: License :: OSI Approved :: MIT License",
                "Classifier: License :: OSI Approved :: Odd",
            ],
            "MIT OR LicenseRef-Odd",
        ),
        (["License: ISC"], "ISC"),
        ([], ""),
    ],
)
def test_a_licence_is_read_from_where_a_package_says_it(tmp_path, lines, licence):
    assert licences.licence_of(package(tmp_path, *lines)) == licence


def test_dependencies_of_dependencies_come_along_and_tools_do_not():
    closure = brought_along([])

    assert {"boto3", "botocore", "psycopg-binary"} <= closure.packages.keys()
    assert "pytest" not in closure.packages
    assert extras() == [name for name in project()["optional-dependencies"] if name != "dev"]


def test_what_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr(
        "scripts.dependencies.project",
        lambda: {"dependencies": ["no-such-package>=1", "msgspec"], "optional-dependencies": {}},
    )

    assert brought_along([]).missing == {"no-such-package"}


def test_the_bill_of_materials_is_valid_and_names_each_package():
    text = sbom.as_json(sbom.make())

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    written = json.loads(text)
    assert written["metadata"]["component"]["name"] == "openprofiles"
    named = {component["name"] for component in written["components"]}
    assert named == brought_along(extras()).packages.keys()
    assert all(component["licenses"] for component in written["components"])
    needs = {entry["ref"]: entry.get("dependsOn", []) for entry in written["dependencies"]}
    assert any(need.startswith("boto3==") for need in needs["openprofiles"])


def test_an_answer_without_vulnerabilities_passes():
    answer = audit.read([{"name": "a", "version": "1", "vulns": []}, {"skip_reason": "unknown"}])

    assert audit.judge(answer, is_required=True) == (
        0,
        "No known vulnerabilities in 1 packages; 1 packages are unknown to the service",
    )


def test_a_known_vulnerability_fails_unless_it_is_let_through(monkeypatch):
    known = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2"]}
    report = [{"name": "a", "version": "1", "vulns": [known]}]

    code, text = audit.judge(audit.read(report), is_required=False)

    assert (code, text) == (1, "Known vulnerabilities:\n  a 1: PYSEC-1 (fixed in 2)")
    monkeypatch.setitem(audit.KNOWN, "CVE-1", "we do not use it")
    assert audit.judge(audit.read(report), is_required=False)[0] == 0


@pytest.mark.parametrize(("is_required", "code"), [(False, 0), (True, 1)])
def test_a_service_that_is_not_there_is_said_and_fails_where_it_is_required(is_required, code):
    answer = audit.read([{"name": "a", "skip_reason": "unknown"}])

    assert audit.judge(answer, is_required=is_required) == (
        code,
        "NOT AUDITED: no service for known vulnerabilities can be reached",
    )


def test_a_service_that_does_not_answer_is_as_one_that_is_not_there(monkeypatch):
    def wait(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip_audit", 1)

    monkeypatch.setattr(subprocess, "run", wait)

    assert audit.ask().is_none


def test_it_is_asked_once_a_day_as_long_as_nothing_changes(monkeypatch, tmp_path, capsys):
    answers = [audit.Answer((), 0, 3)]
    monkeypatch.setattr(audit, "NOTE", tmp_path / "note")
    monkeypatch.setattr(audit, "ask", answers.pop)

    assert (audit.main(), audit.main()) == (0, 0)

    assert "(asked today)" in capsys.readouterr().out
    day = datetime.date(2026, 1, 1)
    assert audit.stamp(day) != audit.stamp(day + datetime.timedelta(days=1))


def test_a_vulnerability_is_told_each_time(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(audit, "NOTE", tmp_path / "note")
    monkeypatch.setattr(audit, "ask", lambda: audit.Answer(("a 1: CVE-1",), 0, 3))

    assert (audit.main(), audit.main()) == (1, 1)

    assert "CVE-1" in capsys.readouterr().err


def test_where_it_is_required_it_is_asked_each_time(monkeypatch, tmp_path):
    monkeypatch.setattr(audit, "NOTE", tmp_path / "note")
    answers = [audit.Answer((), 3, 3), audit.Answer((), 0, 3)]
    monkeypatch.setattr(audit, "ask", answers.pop)
    monkeypatch.setenv("OPENPROFILES_AUDIT", "required")

    assert (audit.main(), audit.main()) == (0, 1)


def test_all_that_is_brought_along_is_pinned():
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    }

    assert {name.replace(".", "-") for name in brought_along(extras()).packages} - {
        name.replace(".", "-") for name in pinned
    } == set()
