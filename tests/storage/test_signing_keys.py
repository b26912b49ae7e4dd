"""Keys to sign with, derived from those of secrets."""

from dataclasses import replace

from cryptography.fernet import Fernet

from openprofiles.core.settings import Settings
from openprofiles.storage.sealing import signing_keys


def test_all_processes_of_a_service_have_the_same_and_each_purpose_its_own(tmp_path):
    settings = Settings(data_dir=tmp_path)

    assert signing_keys(settings, "console") == signing_keys(settings, "console")
    assert signing_keys(settings, "console") != signing_keys(settings, "another")
    assert (tmp_path / "secrets.key").read_bytes() not in signing_keys(settings, "console")


def test_a_new_key_comes_first_and_the_old_one_still_counts():
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    before = signing_keys(Settings(secrets_key=old), "console")
    after = signing_keys(replace(Settings(), secrets_key=f"{new},{old}"), "console")

    assert len(after) == 2
    assert after[1:] == before
