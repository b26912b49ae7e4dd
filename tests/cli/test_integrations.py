"""`openprofiles connections` and `openprofiles integrations`."""

import json
import sys

import pytest
from cryptography.fernet import Fernet

from openprofiles import connectors
from openprofiles.cli import connections, main
from tests.features.integrations.conftest import SOURCES, TOKEN, folder_flow, lead


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """The connector of the tests is installed, and secrets have a key."""
    monkeypatch.syspath_prepend(str(SOURCES))
    monkeypatch.setenv("OPENPROFILES_SECRETS_KEY", Fernet.generate_key().decode())
    connectors.require.cache_clear()
    yield
    connectors.require.cache_clear()


@pytest.fixture
def run(shop, options, capsys):
    """Run a command on the domain: its exit code, what it printed, what it said beside."""

    def call(*arguments):
        with pytest.raises(SystemExit) as end:
            main([*arguments, "--domain", shop.name, *options])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return call


@pytest.fixture
def folder(tmp_path):
    """A folder with records, one of them broken."""
    lines = [json.dumps(lead(number)) for number in range(3)]
    (tmp_path / "leads.jsonl").write_text("\n".join([*lines, "{"]))
    return tmp_path


@pytest.fixture
def connected(run, folder):
    """A connection to that folder."""
    code, out, _ = run(
        "connections",
        "add",
        "folder",
        "--kind",
        "Marketo",
        "--set",
        f"folder={folder}",
        "--set",
        f"token={TOKEN}",
    )
    assert (code, TOKEN in out) == (0, False)


@pytest.fixture
def integrated(connected, shop, client):  # noqa: ARG001 (what it makes is needed)
    """An integration that pulls it; its Uri."""
    answer = client.put_integration(
        DomainName=shop.name, ObjectTypeName="Thing", FlowDefinition=folder_flow()
    )
    return answer["Uri"]


@pytest.mark.usefixtures("connected")
def test_connections_are_listed_tested_and_removed(run, folder):
    code, out, _ = run("connections", "list")
    assert code == 0
    assert "Marketo" in out
    assert TOKEN not in out

    assert run("connections", "test", "folder")[:2] == (0, "The source lets us in\n  leads\n")
    (folder / "refused").touch()
    code, _, said = run("connections", "test", "folder")
    assert (code, "The source says no" in said) == (1, True)

    assert run("connections", "remove", "folder")[0] == 0
    assert run("connections", "remove", "folder")[0] == 1


def test_a_connection_is_made_from_a_file(run, folder, tmp_path):
    file = tmp_path / "connection.json"
    file.write_text(
        json.dumps({"kind": "Marketo", "settings": {"folder": str(folder), "token": TOKEN}})
    )

    assert run("connections", "add", "folder", "--file", str(file))[0] == 0

    assert run("connections", "test", "folder")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say which kind of source"),
        (["--kind", "Abacus"], "No connector Abacus"),
        (["--kind", "Marketo", "--set", "token"], "name=value"),
        (["--kind", "Marketo"], "Marketo needs folder, token"),
        (["--file", "nowhere.json"], "cannot be read"),
        (["--file", "odd.json"], "is not of the form"),
    ],
)
def test_a_connection_that_cannot_be_made_is_refused(
    run, tmp_path, monkeypatch, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.json").write_text('{"kind": 1, "password": "secret"}')

    code, _, said = run("connections", "add", "x", *arguments)

    assert code == 1
    assert sentence in said
    assert "secret" not in said


def test_secrets_are_asked_for_at_a_terminal(run, folder, monkeypatch):
    asked: list[str] = []

    def answer(text: str) -> str:
        asked.append(text)
        return TOKEN

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(connections, "getpass", answer)

    code, _, _ = run(
        "connections", "add", "folder", "--kind", "Marketo", "--set", f"folder={folder}"
    )

    assert (code, asked) == (0, ["Who may read them (token): "])
    assert run("connections", "test", "folder")[0] == 0


def test_the_kinds_of_sources_are_listed(capsys):
    with pytest.raises(SystemExit) as end:
        main(["connections", "kinds"])

    assert end.value.code == 0
    assert "S3: " in capsys.readouterr().out


def test_an_integration_is_run_and_shown(run, integrated):
    code, out, _ = run("integrations", "run", integrated)

    assert code == 0
    assert out.startswith("COMPLETE: 4 pulled, 3 ingested, 1 rejected, 0 left out\n")
    assert "1 × The line is not valid JSON" in out  # noqa: RUF001 (a sign that people read)
    _, listed, _ = run("integrations", "list")
    assert "COMPLETE" in listed
    _, listed, _ = run("integrations", "runs", "--uri", integrated)
    assert run("integrations", "runs")[1] == listed
    run_id = next(word for word in listed.split() if len(word) == 32 and word.isalnum())
    assert run("integrations", "show", run_id)[1] == out
    assert run("integrations", "stop", run_id)[0] == 1


def test_all_is_pulled_again_when_that_is_asked_for(run, integrated):
    run("integrations", "run", integrated)

    again, complete = (
        run("integrations", "run", integrated, *flags)[1] for flags in ((), ("--complete",))
    )

    assert again.startswith("COMPLETE: 0 pulled")
    assert complete.startswith("COMPLETE: 4 pulled")


def test_a_run_that_fails_says_why(run, integrated, folder):
    (folder / "refused").touch()

    code, out, _ = run("integrations", "run", integrated)

    assert code == 1
    assert "The source says no" in out


def test_a_run_that_waits_is_stopped(run, integrated, shop, invoke, caller):
    run_id = invoke("StartIntegrationRun", {"DomainName": shop.name, "Uri": integrated}, caller)[
        "RunId"
    ]

    assert run("integrations", "stop", run_id)[:2] == (0, "Stopped\n")
