"""Sealing, tokens, key files and what KMS says, by themselves."""

import base64

import pytest

from openprofiles.core.settings import Settings
from openprofiles.storage.encryption import sealed
from openprofiles.storage.encryption.errors import KeyRefused
from openprofiles.storage.encryption.key_folder import KeyFolder, file_name
from openprofiles.storage.encryption.keyring import Keyring
from openprofiles.storage.encryption.kms import KmsKeys
from openprofiles.storage.encryption.named_keys import open_named_keys
from openprofiles.storage.encryption.state import State

KEY = bytes(range(32))
WHERE = {"domain": "shop"}


def test_a_value_opens_only_where_it_was_sealed():
    key = sealed.ValueKey(7, KEY)
    text = key.seal(b"Ann", "profiles/1")

    assert (sealed.number_of(text), key.open(sealed.content_of(text), "profiles/1")) == (7, b"Ann")
    with pytest.raises(sealed.Damaged):
        key.open(sealed.content_of(text), "profiles/2")


@pytest.mark.parametrize("length", range(20))
def test_the_length_of_what_is_sealed_is_known(length):
    text = sealed.ValueKey(12, KEY).seal(b"x" * length, "here")

    assert sealed.size_of(text[:20], len(text)) == length


def test_what_is_not_base64_is_damaged():
    with pytest.raises(sealed.Damaged):
        sealed.content_of("\x011.%%%")


@pytest.mark.parametrize("text", ["", "{}", "\x01", "\x01x.AA", "1.AA"])
def test_other_texts_are_not_sealed(text):
    assert sealed.number_of(text) is None
    assert sealed.size_of(text, 5) == 5


def test_equal_values_of_a_name_have_equal_tokens():
    key = sealed.IndexKey(KEY)

    assert key.token("_phone", "1") == key.token("_phone", "1") != key.token("_email", "1")
    assert [key.value("_phone", key.token("_phone", text)) for text in ("1", "")] == ["1", ""]


@pytest.mark.parametrize("text", ["plain", "\x01plain", "\x01AAAA"])
def test_what_is_no_token_is_the_value_itself(text):
    assert sealed.IndexKey(KEY).value("_phone", text) == text


def test_key_files_wrap_and_unwrap(tmp_path):
    keys = KeyFolder(tmp_path / "keys")
    pair = keys.make_data_key("arn:aws:kms:x", WHERE)

    assert keys.unwrap("arn:aws:kms:x", pair.wrapped, WHERE) == pair.plain
    assert (tmp_path / "keys" / file_name("arn:aws:kms:x")).stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyRefused, match="is not there"):
        keys.unwrap("another", pair.wrapped, WHERE)
    with pytest.raises(KeyRefused, match="another key"):
        keys.unwrap("arn:aws:kms:x", pair.wrapped, {"domain": "other"})


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(KeyRefused, match="cannot be made"):
        KeyFolder(tmp_path / "file").make_data_key("one", WHERE)


def test_a_key_is_in_memory_for_some_seconds_and_a_refusal_for_a_few(tmp_path):
    now = [0.0]
    keys = KeyFolder(tmp_path)
    keyring = Keyring(keys, seconds=60, clock=lambda: now[0])
    wrapped = keyring.make("one", WHERE).wrapped

    def unwrap():
        return keyring.unwrap(1, 2, named_key="one", wrapped=wrapped, is_index=False, context=WHERE)

    key = unwrap()
    assert keyring.find(1, 2) is key
    now[0] = 61
    assert keyring.find(1, 2) is None
    path = tmp_path / file_name("one")
    content = path.read_text()
    path.write_text(base64.b64encode(bytes(32)).decode())
    for _ in range(2):
        with pytest.raises(KeyRefused):
            unwrap()
        path.write_text(content)
    now[0] = 70
    assert unwrap() is not key


def test_settings_say_where_named_keys_are(tmp_path):
    assert isinstance(open_named_keys(Settings(encryption_keys="kms")), KmsKeys)
    assert isinstance(open_named_keys(Settings(kms_endpoint_url="http://127.0.0.1:1")), KmsKeys)
    assert isinstance(open_named_keys(Settings(data_dir=tmp_path)), KeyFolder)


def test_kms_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    with pytest.raises(KeyRefused, match="cannot be reached"):
        KmsKeys("us-east-1", "http://127.0.0.1:9").make_data_key("one", WHERE)


def test_a_state_is_what_was_stored():
    state = State(values=1, index=2, types={"Order": 3}, is_turning=True, former_index=4)

    assert State.read(state.as_json() or {}) == state
    assert state.numbers() == {1, 2, 3, 4}
    assert State().as_json() is None
