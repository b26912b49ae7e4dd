"""`openprofiles merges`: list, show, undo."""

import json
import re

import pytest

from openprofiles.cli import main


@pytest.fixture
def command(server, settings, domain, capsys):
    """A function that runs `openprofiles merges …` on the domain: exit code, output, errors."""

    def run(*arguments: str) -> tuple[object, str, str]:
        connection = ["--database-url", server.conninfo, "--account-id", settings.account_id]
        with pytest.raises(SystemExit) as end:
            main(["merges", *arguments, "--domain", domain, *connection])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def merged(client, domain):
    """Two profiles, the second merged into the first; and their merge."""
    main_id, other = (
        client.create_profile(DomainName=domain, FirstName=name)["ProfileId"] for name in "ab"
    )
    client.merge_profiles(DomainName=domain, MainProfileId=main_id, ProfileIdsToBeMerged=[other])
    return main_id, other


def test_merges_are_listed_shown_and_undone(command, client, domain, merged):
    main_id, other = merged

    code, listed, _ = command("list")
    assert code == 0
    merge_id = listed.splitlines()[1].split()[0]
    assert re.fullmatch("[0-9a-f]{32}", merge_id)
    assert [word in listed for word in ("call", main_id, other)] == [True] * 3

    code, shown, _ = command("show", merge_id)
    assert (code, json.loads(shown)["LostValues"]) == (0, {"FirstName": {other: "b"}})

    code, previewed, _ = command("undo", merge_id, "--preview")
    assert (code, json.loads(previewed)["MainProfile"]["FirstName"]) == (0, "a")

    code, undone, _ = command("undo", merge_id)
    assert (code, undone) == (
        0,
        f"Undid merge {merge_id}: {other} restored with 0 objects; 0 objects stay on {main_id}\n",
    )
    (found,) = client.search_profiles(DomainName=domain, KeyName="_profileId", Values=[other])[
        "Items"
    ]
    assert found["FirstName"] == "b"

    code, _, said = command("undo", merge_id)
    assert code == 1
    assert f"Merge {merge_id} is undone already" in said


def test_the_list_has_as_many_as_asked_for_and_of_whom(command, client, domain, merged):
    main_id, other = merged
    third = client.create_profile(DomainName=domain, FirstName="c")["ProfileId"]
    client.merge_profiles(DomainName=domain, MainProfileId=main_id, ProfileIdsToBeMerged=[third])

    _, one, _ = command("list", "--limit", "1")
    _, of_other, _ = command("list", "--profile", other)

    assert third in one
    assert other not in one
    assert other in of_other
    assert third not in of_other


def test_a_domain_without_merges_says_so(command):
    assert command("list") == (0, "No merges\n", "")


def test_what_is_no_id_is_refused(command):
    code, _, said = command("show", "x")
    assert code == 1
    assert "The id of a merge is 32 digits from 0 to f" in said
    assert command("list", "--profile", "x")[0] == 1
