"""`openprofiles erase`, `erasures` and `disclose`."""

import json
import stat

import pytest

from openprofiles.cli import main

MAIL = "ann@example.com"


@pytest.fixture
def command(options, shop, capsys):
    """A function that runs a command on the domain: exit code, output, errors."""

    def run(name: str, *arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main([name, *arguments, "--domain", shop.name, *options])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def ann(shop) -> str:
    """The id of a profile."""
    shop.put("Thing", {"id": "1", "mail": MAIL})
    return shop.only("_email", MAIL)["ProfileId"]


def test_a_person_is_erased_with_a_receipt_and_a_tombstone_that_is_lifted(command, shop, ann):
    _, previewed, _ = command("erase", ann, "--preview")
    assert json.loads(previewed)["Counts"]["Objects"] == 1
    assert shop.only("_email", MAIL)

    code, erased, _ = command("erase", "--key", f"_email={MAIL}", "--tombstone")
    assert (code, shop.search("_email", MAIL)) == (0, [])
    erasure_id = json.loads(erased)["ErasureId"]

    assert json.loads(command("erasures", "show", erasure_id)[1])["Status"] == "DONE"
    assert erasure_id in command("erasures", "list", "--tombstones")[1]
    assert command("erasures", "lift", erasure_id)[0] == 0
    assert command("erasures", "list", "--tombstones")[1] == "No erasures\n"
    assert erasure_id in command("erasures", "list")[1]


def test_what_is_held_is_written_to_a_file_for_one_to_read(command, ann, tmp_path):
    out = tmp_path / "ann.json"

    code, said, _ = command("disclose", ann, "--out", str(out))

    assert (code, "1 Objects" in said) == (0, True)
    assert json.loads(out.read_text("utf-8"))["Objects"][0]["Object"]["mail"] == MAIL
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert command("disclose", ann, "--out", str(out))[0] == 1


@pytest.mark.parametrize("arguments", [(), ("--key", "_email"), ("0" * 32, "--key", "a=b")])
def test_who_is_meant_must_be_said(command, arguments):
    code, _, said = command("erase", *arguments)

    assert code == 1
    assert "--key" in said
