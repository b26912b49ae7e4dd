"""What seldom happens: harm in the tables, keys of types alone, keys that may do few things."""

import json
import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend

from openprofiles.features import encryption
from openprofiles.features.encryption import store
from openprofiles.features.encryption.store import Work
from openprofiles.features.matching.online import store as index_store
from openprofiles.features.profiles.store import offering, turning
from openprofiles.jobs import Tick
from openprofiles.storage.encryption import keyring, open_keyring, opened, recall
from openprofiles.storage.encryption.key_folder import file_name
from tests.features.encryption.conftest import LOCAL_KEY
from tests.features.encryption.test_keys import refusal
from tests.features.encryption.test_nothing_in_the_clear import VALUES, define, live
from tests.features.profiles.conftest import World

HARM = {
    "a text": "update profiles set fields = '\"text\"'",
    "another's": "update profiles set fields = (select other.fields from profiles as other where"
    " other.domain_id = profiles.domain_id and other.profile_id <> profiles.profile_id limit 1)",
    "of the index": "update profiles set fields = to_jsonb(regexp_replace(fields #>> '{}',"
    " '[0-9]+', (select number::text from data_keys where kind = 'index'"
    " and domain_id = profiles.domain_id limit 1)))",
    "no index": "update domains set encryption = jsonb_set(encryption, '{index}',"
    " encryption -> 'values')",
    "no key": "delete from data_keys",
}


@pytest.mark.parametrize("harm", HARM)
def test_what_was_harmed_in_the_tables_is_refused_and_said_in_the_log(
    client, sealed_domain, database, caplog, harm
):
    world = World(client, sealed_domain)
    one = world.create(FirstName="Ann", EmailAddress=VALUES["mail"])
    world.create(FirstName="Bo")
    with database.transaction() as transaction:
        transaction.send(
            f"{HARM[harm]} where domain_id = (select domain_id from domains where name = %s)",
            [sealed_domain],
        )

    act = world.search if harm == "no index" else world.get
    code, text = refusal(lambda: act(*(("_email", "x@y.z") if harm == "no index" else (one,))))

    assert code == "InternalServerException"
    assert "Ann" not in text + caplog.text


def read_by(taken: list[Any], domain: str, most: int) -> dict[str, Any]:
    """What asks for what jobs of identity resolution read."""
    return {"DomainName": domain, "After": "0" * 32, "Limit": most, "Take": taken.append}


def test_only_a_type_has_a_key_and_all_else_is_as_without(world, client, invoke, caller):
    world.define(
        "Card",
        {"card": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"cardKey": (["UNIQUE"], ["card"]), "_email": (["PROFILE"], ["mail"])},
        EncryptionKey=LOCAL_KEY,
    )
    client.update_domain(
        DomainName=world.name,
        Matching={"Enabled": True},
        RuleBasedMatching={"Enabled": True, "MatchingRules": [{"Rule": ["EmailAddress"]}]},
    )
    encryption.work_off(invoke, caller)
    invoke("WorkOnMatchIndex", {}, caller)

    ids = [world.create(EmailAddress=VALUES["mail"], LastName=VALUES["last"]) for _ in range(2)]

    assert len(client.list_rule_based_matches(DomainName=world.name)["MatchIds"]) == 1
    assert invoke("ReadMatchingValues", read_by([], world.name, 9), caller)["Count"] == len(ids)


def test_the_key_of_a_type_that_cannot_be_used_is_named(world, settings):
    world.define(
        "Card",
        {"card": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"cardKey": (["UNIQUE"], ["card"]), "_email": (["PROFILE"], ["mail"])},
        EncryptionKey="alias/cards",
    )
    world.put("Card", {"card": "1", "mail": VALUES["mail"]})
    one = world.only("_email", VALUES["mail"])["ProfileId"]
    path = Path(settings.encryption_keys) / file_name("alias/cards")
    content = path.read_text()
    path.write_text("AAAA")

    code, text = refusal(lambda: world.objects("Card", one))
    path.write_text(content)

    assert code == "AccessDeniedException"
    assert f"EncryptionKey of object type Card in domain {world.name}" in text
    assert len(world.objects("Card", one)) == 1


def test_a_key_that_may_make_data_keys_but_not_encrypt_takes_over_nothing(kms, domain, monkeypatch):
    first, second = kms.make(), kms.make()
    kms.client.update_domain(DomainName=domain, DefaultEncryptionKey=first)
    one = World(kms.client, domain).create(FirstName="Ann")

    encrypt, may_still = KmsBackend.encrypt, ["a data key"]

    def refuse(*given: Any, **named: Any) -> Any:
        if not may_still:
            raise JsonRESTError("AccessDeniedException", "no")
        may_still.pop()
        return encrypt(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(KmsBackend, "encrypt", refuse)
        code, _ = refusal(
            lambda: kms.client.update_domain(DomainName=domain, DefaultEncryptionKey=second)
        )

    assert code == "AccessDeniedException"
    assert kms.client.get_domain(DomainName=domain)["DefaultEncryptionKey"] == first
    assert World(kms.client, domain).get(one)["FirstName"] == "Ann"


@pytest.mark.parametrize("table", ["profiles", "end"])
def test_who_comes_as_another_has_done_it_does_nothing(
    sealed_domain, invoke, caller, monkeypatch, own, table
):
    now = datetime.now(UTC)
    stale = Work(position={"table": table}, rows=0, started_at=now, updated_at=now)
    monkeypatch.setattr(store, "find", lambda *_: stale)

    done = invoke("ContinueEncryption", {"DomainName": sealed_domain}, caller)

    monkeypatch.undo()
    assert done["IsDone"] == (table == "end")
    assert own.get("/encryption")["Status"] == "ENCRYPTED"


def test_the_job_worker_seals_anew_and_says_so(
    world, client, invoke, settings, own, monkeypatch, caplog
):
    main = live(world)
    monkeypatch.setattr("openprofiles.features.encryption.following.ROUNDS", 0)
    monkeypatch.setattr(turning, "BYTES_AT_ONCE", 1)
    client.update_domain(DomainName=world.name, DefaultEncryptionKey=LOCAL_KEY)
    [schedule] = encryption.schedules(invoke, settings)
    tick = Tick(datetime.now(UTC), lambda *_: None, threading.Event())

    with caplog.at_level(logging.INFO, "openprofiles"):
        schedule.function(tick)
        schedule.function(tick)

    assert caplog.text.count("Sealed domains anew") == 1
    assert own.get("/encryption")["Status"] == "ENCRYPTED"
    assert world.get(main)["LastName"] == VALUES["later"]


def test_many_profiles_are_opened_some_at_a_time(
    client, sealed_domain, invoke, caller, monkeypatch
):
    world = World(client, sealed_domain)
    define(world)
    client.update_domain(DomainName=sealed_domain, Matching={"Enabled": True})
    for _ in range(3):
        world.create(FirstName="Ann", LastName=VALUES["last"])
    invoke("WorkOnMatchIndex", {}, caller)
    monkeypatch.setattr(offering, "OPENED_AT_ONCE", 1)
    monkeypatch.setattr(index_store, "OPENED_AT_ONCE", 1)

    for most in (9, 2):
        taken: list[Any] = []
        wanted = read_by(taken, sealed_domain, most)
        values = invoke("ReadMatchingValues", wanted, caller)
        records = invoke("ReadMatchingRecords", wanted, caller)
        assert [values["Count"], records["Count"]] == [min(most, 3)] * 2
        assert [table.num_rows for table in taken] == [min(most, 3)] * 2


def test_a_version_that_was_replaced_in_its_own_batch_is_sealed_and_shown(client, sealed_domain):
    world = World(client, sealed_domain)
    define(world)
    versions = [{"id": "1", "mail": VALUES["mail"], "last": last} for last in ("Old", "New")]

    client.batch_put_profile_object(
        DomainName=sealed_domain,
        ObjectTypeName="Customer",
        Items=[{"Id": one["last"], "Object": json.dumps(one)} for one in versions],
    )

    one = world.only("_email", VALUES["mail"])["ProfileId"]
    records = client.list_profile_history_records(
        DomainName=sealed_domain, ProfileId=one, ObjectTypeName="Customer"
    )["ProfileHistoryRecords"]
    contents = [
        client.get_profile_history_record(DomainName=sealed_domain, ProfileId=one, Id=record["Id"])[
            "Content"
        ]
        for record in records
    ]
    assert [json.loads(content)["last"] for content in contents] == ["New", "Old"]


def test_a_place_whose_keys_are_gone_is_not_recalled(sealed_domain, database, settings):
    with database.reading() as transaction:
        [(domain_id, account_id)] = transaction.rows(
            "select domain_id, account_id from domains where name = %s", [sealed_domain]
        )
        kept = open_keyring(replace(settings, data_key_seconds=60))
        transaction.keyring = kept
        kept.places.put((account_id, sealed_domain), (domain_id, {"values": 1, "index": 2**30}))

        assert recall(transaction, account_id, sealed_domain, "_email") is None
        assert recall(transaction, account_id, "nowhere", "_email") is None


def test_kept_keys_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(keyring, "MOST_KEPT", 1)
    kept = keyring._Kept[str, int](60.0, lambda: 0.0)

    kept.put("a", 1)
    kept.put("b", 2)

    assert (kept.find("a"), kept.find("b")) == (None, 2)


def test_an_answer_counts_its_rows_opened_or_not(database):
    with database.reading() as transaction:
        pending = transaction.send("select 1")

        assert opened(pending, None, lambda _, row: row).count == 1
