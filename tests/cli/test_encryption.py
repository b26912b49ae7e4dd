"""`openprofiles encryption`."""

import pytest

from openprofiles.cli import main
from openprofiles.storage.encryption.key_folder import file_name


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


def test_a_domain_is_told_to_wait_for_its_key_and_how_far_it_is(
    client, shop, options, capsys, settings, monkeypatch
):
    keys = settings.data_dir / "encryption-keys"
    monkeypatch.setenv("OPENPROFILES_ENCRYPTION_KEYS", str(keys))
    monkeypatch.setattr("openprofiles.features.encryption.following.ROUNDS", 0)
    shop.create(FirstName="Ann")
    client.update_domain(DomainName=shop.name, DefaultEncryptionKey="alias/waiting")
    path = keys / file_name("alias/waiting")
    content = path.read_text()

    path.write_text("")
    assert run("encryption", "status", "--domain", shop.name, *options) == 1
    path.write_text(content)

    told = capsys.readouterr().out
    assert f"{shop.name}: ENCRYPTING" in told
    assert "A key cannot be used at the moment" in told
    assert "0 rows are done" in told
