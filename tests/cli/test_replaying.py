"""`openprofiles replay`: look what a changed mapping would do, then do it."""

import json

import pytest

from openprofiles.cli import main
from openprofiles.features import replays


@pytest.fixture
def command(options, shop, capsys):
    """A function that runs `openprofiles replay …` on Things of the shop: exit code, output."""

    def run(*arguments: str, object_type: str = "Thing") -> tuple[object, str, str]:
        words = ("--domain", shop.name, "--object-type", object_type)
        with pytest.raises(SystemExit) as end:
            main(["replay", *words, *arguments, *options])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def changed(shop):
    """Three things, whose type names a field and another key now, and one without them."""
    for number in range(3):
        shop.put(
            "Thing", {"id": str(number), "mail": f"{number}@example.com", "name": f"N{number}"}
        )
    shop.put("Thing", {"id": "long", "mail": "l@example.com", "name": "x" * 300})
    shop.put("Thing", {"id": "none", "mail": "n@example.com"})
    shop.define(
        "Thing",
        {
            "id": "",
            "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
            "name": "_profile.FirstName",
            "order": ("_order.Name", "", "_source.name"),
        },
        {
            "thing": (["UNIQUE"], ["id"]),
            "_email": (["PROFILE"], ["mail"]),
            "naming": (["PROFILE", "SECONDARY"], ["name"]),
            "ordered": (["ORDER"], ["order"]),
        },
    )


@pytest.mark.usefixtures("changed")
def test_a_dry_run_shows_what_would_change_and_changes_nothing(command, shop):
    code, said, _ = command("--dry-run")

    assert (code, said.splitlines()) == (
        0,
        [
            "COMPLETED: 5 objects, 3 would change, 1 as they are, 1 cannot be mapped",
            "Moved to another profile: 0; profiles made: 0; profiles left without objects: 0",
            "With another standard record: 3",
            "  Field: FirstName: 3",
            "  New key: naming: 3",
            "  New key: ordered: 3",
            "  Cannot be mapped: The value of field name is longer than 255 characters: 1",
        ],
    )
    assert "FirstName" not in shop.only("_email", "1@example.com")


@pytest.mark.usefixtures("changed")
def test_then_it_is_done(command, shop):
    code, said, _ = command()

    assert code == 0
    assert said.startswith("COMPLETED: 5 objects, 3 changed, 1 as they are")
    assert shop.only("_email", "1@example.com")["FirstName"] == "N1"


def test_all_that_is_known_is_printed_as_json(command):
    code, said, _ = command("--json", "--dry-run")

    assert (code, json.loads(said)["Objects"]) == (0, 0)


def test_another_unique_key_is_told(command, shop):
    shop.put("Thing", {"id": "1", "mail": "a@example.com", "name": "same"})
    shop.put("Thing", {"id": "2", "mail": "a@example.com", "name": "same"})
    shop.define(
        "Thing",
        {"name": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"named": (["UNIQUE"], ["name"]), "_email": (["PROFILE"], ["mail"])},
    )

    assert "With another unique key: 2, of which 1 have that of another object" in command()[1]


@pytest.mark.usefixtures("changed")
def test_one_that_ends_early_says_why(command, shop, monkeypatch):
    run = replays.run

    def change_first(*arguments, **named):
        shop.client.delete_profile_object_type(DomainName=shop.name, ObjectTypeName="Thing")
        return run(*arguments, **named)

    monkeypatch.setattr(replays, "run", change_first)
    code, said, _ = command()

    assert code == 1
    assert said.startswith("FAILED: 0 objects")
    assert said.endswith(f"Profile object type Thing not found in domain {shop.name}\n")


def test_a_missing_type_is_refused(command):
    code, _, said = command(object_type="Nothing")

    assert code == 1
    assert "Profile object type Nothing not found" in said
