"""Connections: made, shown without secrets, tested, forgotten."""

import logging
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.settings import Settings
from openprofiles.features import integrations
from openprofiles.features.invoke import invoker
from openprofiles.storage import sealing
from openprofiles.storage.errors import CannotStart
from tests.features.integrations.conftest import TOKEN, lead


def test_a_connection_is_shown_without_its_secrets(source, caplog):
    caplog.set_level(logging.DEBUG)

    source.connect()

    (shown,) = source.own("ListConnections")["Items"]
    assert (shown["Name"], shown["Kind"]) == ("folder", "Marketo")
    assert shown["Settings"] == {"folder": str(source.folder), "page": "10"}
    assert TOKEN not in str(shown)
    assert TOKEN not in caplog.text


@pytest.mark.usefixtures("source")
def test_secrets_are_not_in_the_database(database):
    with database.reading() as transaction:
        rows = transaction.rows("select settings::text, secrets from source_connections")

    assert rows
    assert all(TOKEN not in text and TOKEN.encode() not in sealed for text, sealed in rows)


def test_a_connection_is_replaced_as_a_whole(source):
    before = source.own("ListConnections")["Items"][0]

    made = source.own(
        "PutConnection",
        Name="folder",
        Kind="Marketo",
        Settings={"folder": "/elsewhere", "token": "x"},
    )

    assert made["Settings"] == {"folder": "/elsewhere"}
    assert made["CreatedAt"] == before["CreatedAt"]
    assert made["LastUpdatedAt"] > before["LastUpdatedAt"]


def test_a_connection_is_tested(source):
    source.write([lead(1)])

    assert source.own("TestConnection", Name="folder") == {"Objects": ["leads"]}


@pytest.mark.parametrize(("how", "sentence"), [("down", "is down"), ("refused", "says no")])
def test_a_test_says_why_it_failed(source, how, sentence):
    source.feel(how)

    with pytest.raises(BadRequest, match=sentence):
        source.own("TestConnection", Name="folder")


def test_a_connection_is_forgotten(source):
    source.own("DeleteConnection", Name="folder")

    assert source.own("ListConnections")["Items"] == []
    for operation in ("DeleteConnection", "TestConnection"):
        with pytest.raises(ResourceNotFound):
            source.own(operation, Name="folder")


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("Abacus", {}, "No connector Abacus"),
        ("Marketo", {"folder": "/x"}, "Marketo needs token"),
        ("Marketo", {"folder": "/x", "token": "x", "more": "hush"}, "and no other"),
        ("Marketo", {"folder": "x", "token": "x"}, "absolute path"),
        ("Marketo", {"folder": "/x", "token": "a\0b"}, "cannot be stored"),
        ("S3", {"session_token": "hush"}, "belong together"),
        ("S3", {"url": "az://", "account_key": "hush"}, "account_key needs account_name"),
        ("Kinesis", {"stream_name": "x", "secret_access_key": "hush"}, "belong together"),
    ],
)
def test_a_connection_must_be_one_that_can_be_opened(source, kind, values, sentence):
    with pytest.raises(BadRequest, match=sentence) as refusal:
        source.own("PutConnection", Name="other", Kind=kind, Settings=values)

    assert "hush" not in refusal.value.message


def test_secrets_of_another_connection_are_not_taken(source, database):
    source.write([lead(1)])
    source.own(
        "PutConnection",
        Name="other",
        Kind="Marketo",
        Settings={"folder": str(source.folder), "token": "wrong"},
    )
    with database.transaction() as transaction:
        transaction.send(
            "update source_connections as one set secrets = other.secrets"
            " from source_connections as other"
            " where one.domain_id = other.domain_id and one.name = 'other'"
            " and other.name = 'folder'"
        )

    with pytest.raises(BadRequest, match="those of another one"):
        source.own("TestConnection", Name="other")


def test_a_connection_of_another_kind_fails_the_run(source, database):
    uri = source.integrate()
    with database.transaction() as transaction:
        transaction.send("update source_connections set kind = 'Zendesk'")

    run = source.run(uri)

    assert run["Status"] == "FAILED"
    assert "not of Marketo" in run["Error"]


def test_without_its_key_a_secret_cannot_be_read(source, application):
    other = Settings(
        database_url=application.settings.database_url, secrets_key=Fernet.generate_key().decode()
    )
    run_id = source.start(source.integrate())

    integrations.work(source.on(settings=other).machine)

    run = source.look(run_id)
    assert run["Status"] == "FAILED"
    assert "secrets_key" in run["Error"]


def test_where_only_public_sources_are_reached_no_connection_leads_to_files(
    source, application, caller
):
    settings = replace(application.settings, source_addresses="public")
    public = invoker(application.database, settings)
    place = {"Kind": "S3", "Settings": {"url": f"file://{source.folder}", "bucket_name": "drop"}}
    source.own("PutConnection", Name="files", **place)

    for operation, given in (("PutConnection", place), ("TestConnection", {})):
        with pytest.raises(BadRequest, match="reaches public sources only"):
            public(operation, {"DomainName": source.domain, "Name": "files", **given}, caller)


def test_a_key_file_is_made_for_us_only(tmp_path):
    settings = Settings(data_dir=tmp_path / "data")

    sealed = sealing.open_seal(settings).close(b"x")

    file = tmp_path / "data" / sealing.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert sealing.open_seal(settings).open(sealed) == b"x"
    assert [path.name for path in file.parent.iterdir()] == [sealing.FILE]


def test_two_that_make_the_key_file_have_one_key(tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path)
    sealed = sealing.open_seal(settings).close(b"x")
    exists = type(tmp_path).exists
    monkeypatch.setattr(
        type(tmp_path), "exists", lambda path: path.name != sealing.FILE and exists(path)
    )

    assert sealing.open_seal(settings).open(sealed) == b"x"


def test_a_new_key_is_put_in_front_of_the_old_one():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = sealing.open_seal(Settings(secrets_key=old)).close(b"x")

    both = sealing.open_seal(Settings(secrets_key=f"{new}, {old}"))

    assert both.open(sealed) == b"x"
    with pytest.raises(sealing.Unsealable):
        sealing.open_seal(Settings(secrets_key=new)).open(sealed)
    assert sealing.open_seal(Settings(secrets_key=new)).open(both.close(b"y")) == b"y"


def test_keys_that_are_none_are_refused(tmp_path):
    for text in ("short", ""):
        with pytest.raises(CannotStart, match="cannot be read"):
            sealing.open_seal(Settings(secrets_key=text))
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"cannot be read or made \(.*OPENPROFILES_SECRETS_KEY"):
        sealing.open_seal(Settings(data_dir=tmp_path / "file"))
    (tmp_path / sealing.FILE).write_text("schlüssel")
    with pytest.raises(CannotStart, match="holds no keys"):
        sealing.open_seal(Settings(data_dir=tmp_path))
