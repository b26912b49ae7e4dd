"""`openprofiles events`: add, list, remove event sources."""

import io

import pytest

from openprofiles.cli import main

SECRET = "hush-hush-hush"


@pytest.fixture
def command(options, domain, capsys):
    """A function that runs `openprofiles events …` on the domain: exit code, output, errors."""

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["events", *arguments, "--domain", domain, *options])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def stdin(monkeypatch):
    """A function that gives the command an input."""

    def give(text: str, *, is_terminal: bool = False) -> None:
        file = io.StringIO(text)
        monkeypatch.setattr(file, "isatty", lambda: is_terminal, raising=False)
        monkeypatch.setattr("sys.stdin", file)

    return give


def test_a_source_is_added_listed_and_removed(command, domain, tmp_path):
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\nthe former secret\n")

    assert command("list")[1] == "No event sources\n"
    code, said, _ = command("add", "crm", "--kind", "shopify", "--secret-file", str(file))
    _, listed, _ = command("list")

    assert (code, said) == (0, f"Events are taken at /_openprofiles/v1/events/{domain}/crm\n")
    assert listed.splitlines()[1].split()[:2] == ["crm", "shopify"]
    assert SECRET not in listed
    assert command("remove", "crm")[1] == "Event source crm is removed\n"
    assert command("list")[1] == "No event sources\n"
    assert command("remove", "crm")[0] == 1


def test_the_secret_may_come_from_the_input_or_be_asked_for(command, stdin, monkeypatch):
    stdin(SECRET + "\n")
    assert command("add", "a", "--kind", "segment")[0] == 0

    stdin("", is_terminal=True)
    monkeypatch.setattr("openprofiles.cli.events.getpass", lambda _: SECRET)
    assert command("add", "b", "--kind", "eventbridge")[0] == 0

    assert len(command("list")[1].splitlines()) == 3


@pytest.mark.parametrize("text", ["", "short", f"{SECRET}\n" * 5])
def test_secrets_that_are_none_are_refused(command, stdin, text):
    stdin(text)

    code, _, said = command("add", "a", "--kind", "segment")

    assert code == 1
    assert "Give one to 4 secrets of at least 8 characters" in said


def test_a_name_that_is_no_part_of_an_address_is_refused(command, stdin):
    stdin(SECRET)

    code, _, said = command("add", "a/b", "--kind", "segment")

    assert (code, "A name has letters" in said) == (1, True)


def test_a_file_that_cannot_be_read_is_told(command, tmp_path):
    code, _, said = command("add", "a", "--kind", "segment", "--secret-file", str(tmp_path / "no"))

    assert code == 1
    assert "cannot be read (FileNotFoundError)" in said
