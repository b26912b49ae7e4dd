"""`openprofiles encryption`."""

import pytest

from openprofiles.cli import main


def run(*arguments: str) -> object:
    """Run a command; its exit code."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


def test_a_domain_is_rotated_and_its_keys_are_shown(
    client, shop, options, capsys, settings, monkeypatch
):
    keys = settings.data_dir / "encryption-keys"
    monkeypatch.setenv("OPENPROFILES_ENCRYPTION_KEYS", str(keys))
    shop.create(FirstName="Ann")
    client.update_domain(DomainName=shop.name, DefaultEncryptionKey="alias/shop")

    assert run("encryption", "rotate", "--domain", shop.name, *options) == 0

    told = capsys.readouterr().out
    assert f"{shop.name}: ENCRYPTED" in told
    assert "values key of the domain under alias/shop" in told


def test_a_domain_in_the_clear_has_no_keys(shop, options, capsys):
    assert run("encryption", "status", "--domain", shop.name, *options) == 0

    assert capsys.readouterr().out == f"{shop.name}: NOT_ENCRYPTED\n"
