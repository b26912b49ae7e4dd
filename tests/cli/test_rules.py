"""`openprofiles rules`."""

import json
import uuid

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from openprofiles.app import client_of, open_application
from openprofiles.cli import main
from openprofiles.core.settings import Settings
from openprofiles.features.rules import applying

BY_ACCOUNT = {"Enabled": True, "MatchingRules": [{"Rule": ["AccountNumber"]}]}


def run(*arguments: str) -> object:
    """Run a command; its exit code."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


@pytest.fixture
def people(shop):
    """A domain with two profiles of one account, who have different names."""
    for name in ("Ann", "Bo"):
        shop.create(AccountNumber="1", FirstName=name)
    return shop


def test_the_status_of_a_domain_is_told(people, client, options, capsys):
    assert run("rules", "status", "--domain", people.name, *options) == 0
    assert capsys.readouterr().out == "Status DISABLED\n"

    client.update_domain(DomainName=people.name, RuleBasedMatching=BY_ACCOUNT)
    assert run("rules", "status", "--domain", people.name, *options) == 0
    assert capsys.readouterr().out == (
        "Status ACTIVE\n"
        "2 profiles that were there before the rules are done, of 2 profiles now; 0 to be merged\n"
    )


def test_values_that_are_too_common_are_told(people, client, options, capsys, invoke, caller):
    client.update_domain(DomainName=people.name, RuleBasedMatching=BY_ACCOUNT)
    for _ in range(499):
        invoke("CreateProfile", {"DomainName": people.name, "AccountNumber": "1"}, caller)

    run("rules", "status", "--domain", people.name, *options)

    assert capsys.readouterr().out.endswith(
        "Level 1: 1 values are too common, and leave 501 profiles without a match\n"
    )


def test_rules_of_a_file_are_previewed(people, options, capsys, tmp_path):
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({**BY_ACCOUNT, "MaxAllowedRuleLevelForMerging": 1}))

    assert run("rules", "preview", "--domain", people.name, "--rules", str(file), *options) == 0

    out = capsys.readouterr().out
    assert out.startswith("1 groups among 2 profiles; 1 profiles would be merged into others\n")
    assert "AccountNumber" in out
    assert "FirstName" in out


def test_the_rules_of_the_domain_are_previewed_without_a_file(people, client, options, capsys):
    client.update_domain(DomainName=people.name, RuleBasedMatching=BY_ACCOUNT)

    assert run("rules", "preview", "--domain", people.name, "--profiles", "1", *options) == 0

    assert capsys.readouterr().out.startswith("0 groups among 1 profiles (there are more);")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "cannot be read as a JSON object"),
        ('{"MatchingRules": 5}', "The rules are not valid"),
        ('{"MatchingRules": [{"Rule": ["Shoe"]}]}', "names an attribute"),
    ],
)
def test_a_file_that_holds_no_rules_is_refused(people, options, capsys, tmp_path, text, said):
    file = tmp_path / "rules.json"
    file.write_text(text)

    assert run("rules", "preview", "--domain", people.name, "--rules", str(file), *options) == 1
    assert said in capsys.readouterr().err


def test_rules_are_applied_by_hand(server, capsys, monkeypatch):
    # A database of its own: the work goes through all domains.
    name = f"rules_{uuid.uuid4().hex}"
    monkeypatch.setattr(applying, "PROFILES_AT_ONCE", 1)
    with psycopg.connect(server.conninfo, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        url = make_conninfo(server.conninfo, dbname=name)
        application = open_application(Settings(database_url=url))
        client = client_of(application.wsgi, application.settings)
        client.create_domain(DomainName="shop", DefaultExpirationDays=30)
        for _ in range(3):
            client.create_profile(DomainName="shop", AccountNumber="1")
        client.update_domain(DomainName="shop", RuleBasedMatching=BY_ACCOUNT)  # type: ignore[arg-type]  # a constant

        code = run("rules", "apply", "--database-url", url)

        shown = client.get_domain(DomainName="shop")["RuleBasedMatching"]
        application.close()
        connection.execute(f"drop database {name} with (force)")
    assert code == 0
    assert shown["Status"] == "ACTIVE"
    assert capsys.readouterr().out == "All rules are in force, after 3 steps\n"
