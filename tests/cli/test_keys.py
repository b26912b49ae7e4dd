"""`openprofiles keys` and `openprofiles policies`."""

import json
import uuid
from dataclasses import replace

import pytest

from openprofiles.cli import main
from openprofiles.cli.first_key import make_first_key
from openprofiles.features.access.store import keys
from tests.features.access.conftest import READING


@pytest.fixture
def command(connection, capsys):
    """A function that runs a command in an account of this test: exit code, output, errors."""
    account = f"{uuid.uuid4().int % 10**12:012d}"
    options = ["--database-url", connection["database_url"], "--account-id", account]

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main([*arguments, *options])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture(autouse=True)
def secrets_of_this_test(monkeypatch, settings):
    """Secrets are sealed in the data directory of the tests."""
    monkeypatch.setenv("OPENPROFILES_DATA_DIR", str(settings.data_dir))


@pytest.fixture
def policy_file(tmp_path):
    """A file with a policy."""
    file = tmp_path / "policy.json"
    file.write_text(READING)
    return str(file)


def _made(command, *arguments):
    code, said, _ = command("keys", "make", "ann", *arguments, "--json")
    assert code == 0
    return json.loads(said)


def test_a_key_is_made_and_its_secret_shown_once(command, policy_file):
    code, said, _ = command(
        "keys", "make", "ann", "--policy", "agent", "--policy-file", policy_file
    )

    lines = dict(line.split("=", 1) for line in said.splitlines()[:2])
    assert code == 0
    assert said.splitlines()[2:] == ["The secret is not shown again."]
    _, listed, _ = command("keys", "list")
    assert lines["AWS_ACCESS_KEY_ID"] in listed
    assert lines["AWS_SECRET_ACCESS_KEY"] not in listed
    assert listed.splitlines()[1].split()[1:] == ["ann", "active", "agent,", "(own)", "never"]


def test_a_temporary_key_has_a_token(command):
    _, said, _ = command("keys", "make", "ann", "--policy", "agent", "--seconds", "60")

    assert said.splitlines()[2].startswith("AWS_SESSION_TOKEN=")
    [listed] = json.loads(command("keys", "list", "--json")[1])
    assert listed["ExpiresAt"]


def test_a_key_is_rotated_changed_disabled_enabled_and_removed(command, policy_file):
    key_id = _made(command, "--policy", "agent")["AccessKeyId"]

    new = json.loads(command("keys", "rotate", key_id, "--overlap", "0", "--json")[1])
    said = [
        command("keys", name, new["AccessKeyId"])[1] for name in ("disable", "enable", "remove")
    ]

    new_id = new["AccessKeyId"]
    assert said == [
        f"Access key {new_id} is disabled: agent\n",
        f"Access key {new_id} is active: agent\n",
        f"Access key {new_id} is removed\n",
    ]
    changed = command("keys", "change", key_id, "--policy-file", policy_file, "--json")[1]
    assert json.loads(changed)["PolicyDocument"] == READING
    assert " expired " in command("keys", "list")[1]


def test_all_keys_are_listed_whatever_their_number(command, monkeypatch):
    for _ in range(3):
        _made(command, "--policy", "agent")
    monkeypatch.setattr("openprofiles.cli.keys.PAGE", 2)

    assert len(command("keys", "list")[1].splitlines()) == 4


def test_a_last_use_is_shown(command, database):
    key_id = _made(command, "--policy", "agent")["AccessKeyId"]
    with database.transaction() as transaction:
        transaction.send(
            "update access_keys set last_used_at = '2026-01-02 03:04Z',"
            " last_used_operation = 'GetDomain', last_used_address = '203.0.113.7'"
            " where access_key_id = %s",
            [key_id],
        )

    assert "2026-01-02 03:04 GetDomain 203.0.113.7" in command("keys", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["keys", "make", "no blanks", "--policy", "agent"], "A name has up to 64"),
        (["keys", "make", "ann", "--policy", "agent", "--seconds", "1"], "60 seconds to 30 days"),
        (["keys", "make", "ann"], "without one it may do nothing"),
        (["keys", "make", "ann", "--policy-file", "/nowhere"], "/nowhere cannot be read"),
        (["keys", "rotate", "OPAKAAAAAAAAAAAAAAAA", "--overlap", "-1"], "The overlap is 0 seconds"),
        (["keys", "disable", "OPAKAAAAAAAAAAAAAAAA"], "does not exist"),
        (["policies", "put", "no blanks", "/nowhere"], "A name has up to 128"),
        (["policies", "put", "own", "/nowhere"], "/nowhere cannot be read"),
        (["policies", "show", "own"], "Policy own does not exist"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(command, arguments, said):
    code, _, error = command(*arguments)

    assert code == 1
    assert said in error.replace("\n", " ")


def test_a_policy_is_put_shown_listed_and_removed(command, policy_file):
    assert command("policies", "put", "own", policy_file)[1] == "Policy own is kept\n"

    assert command("policies", "show", "own")[1] == READING + "\n"
    assert json.loads(command("policies", "show", "admin", "--json")[1])["IsBuiltIn"]
    listed = command("policies", "list")[1]
    assert "admin      built-in" in listed
    assert listed.splitlines()[-1].split()[0] == "own"
    assert json.loads(command("policies", "list", "--json")[1])[-1]["PolicyName"] == "own"
    again = command("policies", "put", "own", policy_file, "--json")[1]
    assert json.loads(again)["PolicyDocument"] == READING
    assert command("policies", "remove", "own")[1] == "Policy own is removed\n"


def test_the_first_key_is_printed_once(settings, connection, capsys, monkeypatch, database):
    monkeypatch.setattr(keys, "has_any", lambda _: False)

    make_first_key(settings_of(settings, connection))
    first = capsys.readouterr().out
    monkeypatch.undo()
    make_first_key(settings_of(settings, connection))

    assert "AWS_SECRET_ACCESS_KEY=" in first
    assert capsys.readouterr().out == ""
    with database.transaction() as transaction:
        transaction.send("delete from access_keys where account_id = %s", [settings.account_id])


def settings_of(settings, connection):
    """The settings of a command on the database of the tests."""
    return replace(settings, database_url=connection["database_url"])
