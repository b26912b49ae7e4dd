"""Domains whose keys change while somebody reads or writes in them."""

import threading

import pytest

from openprofiles.features.domains import store as domains_store
from openprofiles.features.matching.online import store as index_store
from openprofiles.storage.database import ChangedMeanwhile
from openprofiles.storage.encryption import cipher_of, open_keyring
from tests.features.encryption.conftest import LOCAL_KEY
from tests.features.encryption.test_nothing_in_the_clear import VALUES, live
from tests.features.profiles.conftest import World


@pytest.fixture
def between(monkeypatch):
    """A function that has something done once, right after a domain's row was read."""

    def arrange(act):
        find, waiting = domains_store.find, [act]

        def found(*arguments):
            domain = find(*arguments)
            if waiting:
                waiting.pop()()
            return domain

        monkeypatch.setattr(domains_store, "find", found)

    return arrange


READS = {
    "a profile": lambda world, main, _: world.get(main)["LastName"],
    "objects": lambda world, main, _: world.objects("Customer", main),
    "objects by key": lambda world, main, _: world.client.list_profile_objects(
        DomainName=world.name,
        ObjectTypeName="Customer",
        ProfileId=main,
        ObjectFilter={"KeyName": "customer", "Values": [VALUES["account"]]},
    )["Items"],
    "a search": lambda world, *_: world.search(
        "_email",
        VALUES["mail"],
        AdditionalSearchKeys=[{"KeyName": "_email", "Values": ["nobody@example.com"]}],
        LogicalOperator="OR",
    ),
    "merges": lambda *known: known[-1].get("/merges")["Items"],
    "history": lambda world, main, _: world.client.list_profile_history_records(
        DomainName=world.name, ProfileId=main
    )["ProfileHistoryRecords"],
}


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("change", ["encrypted", "decrypted", "rotated"])
def test_a_read_is_right_whatever_happens_to_the_keys(client, domain, own, between, what, change):
    changes = {
        "encrypted": lambda: client.update_domain(
            DomainName=domain, DefaultEncryptionKey=LOCAL_KEY
        ),
        "decrypted": lambda: client.update_domain(DomainName=domain, DefaultEncryptionKey=""),
        "rotated": lambda: own.post("/encryption/rotate"),
    }
    world = World(client, domain)
    if change != "encrypted":
        changes["encrypted"]()
    main = live(world)
    before = READS[what](world, main, own)
    between(changes[change])

    answer = READS[what](world, main, own)

    assert before
    assert answer == before


def test_old_keys_stay_for_who_fills_the_index(
    client, sealed_domain, own, invoke, caller, database, monkeypatch
):
    live(World(client, sealed_domain))
    client.update_domain(DomainName=sealed_domain, Matching={"Enabled": True})
    rotating = threading.Thread(target=own.post, args=["/encryption/rotate"])
    lock = index_store.lock_unindexed

    def late(*arguments, **named):
        rotating.start()
        while rotating.is_alive() and not _somebody_waits(database):
            rotating.join(0.01)
        return lock(*arguments, **named)

    monkeypatch.setattr(index_store, "lock_unindexed", late)
    invoke("WorkOnMatchIndex", {}, caller)
    rotating.join()

    taken: list[object] = []
    wanted = {"DomainName": sealed_domain, "After": "0" * 32, "Limit": 9, "Take": taken.append}
    assert invoke("ReadMatchingValues", wanted, caller)["Count"] == 2
    assert own.get("/encryption")["Status"] == "ENCRYPTED"


def _somebody_waits(database):
    with database.reading() as transaction:
        return transaction.row("select from pg_locks where not granted limit 1") is not None


@pytest.fixture
def careless(sealed_domain, database, settings):
    """What seals for a transaction that does not hold the lock of its domain; the transaction."""
    with database.transaction() as transaction:
        transaction.keyring = open_keyring(settings)
        [(domain_id,)] = transaction.rows(
            "select domain_id from domains where name = %s", [sealed_domain]
        )
        yield cipher_of(transaction, domain_id), transaction


def test_who_seals_without_the_lock_of_the_domain_notices_that_its_keys_went(careless, own):
    cipher, _ = careless
    own.post("/encryption/rotate")

    with pytest.raises(ChangedMeanwhile):
        cipher.seal({"FirstName": "Ann"}, "here")


def test_who_seals_without_the_lock_of_the_domain_takes_it(careless, sealed_domain):
    cipher, transaction = careless

    sealed = cipher.seal({"FirstName": "Ann"}, "here")

    assert cipher.open(sealed, "here") == {"FirstName": "Ann"}
    assert {name for _, name in transaction.held_domains} == {sealed_domain}
