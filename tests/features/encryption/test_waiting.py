"""What workers have to do in a domain whose key is disabled waits, and is done once it is back."""

from functools import partial
from typing import Any

import pytest

from openprofiles.features import encryption, matching
from openprofiles.features.replays.running import run_due
from openprofiles.features.rules.working import work_off as work_off_rules
from openprofiles.storage.sessions import holding
from tests.features.encryption.conftest import Kms
from tests.features.encryption.test_nothing_in_the_clear import RULES, VALUES, live
from tests.features.profiles.conftest import World


@pytest.fixture
def key(kms: Kms, domain: str) -> str:
    """The key of the domain, which is in KMS."""
    key = kms.make()
    kms.client.update_domain(DomainName=domain, DefaultEncryptionKey=key)
    return key


@pytest.fixture
def world(kms: Kms, key: str, domain: str) -> World:
    """The domain, with profiles."""
    assert key
    world = World(kms.client, domain)
    live(world)
    return world


@pytest.mark.usefixtures("world")
def test_a_replay_waits(kms, key, caller):
    replay = kms.own.post("/object-types/Customer/replays", DryRun=True)
    kms.disable(key)
    waiting = run_due(kms.invoke, caller)
    kms.enable(key)

    done = run_due(kms.invoke, caller)

    assert (waiting, done) == (0, 1)
    assert kms.own.get(f"/replays/{replay['ReplayId']}")["Status"] == "COMPLETED"


def test_rules_wait(kms, key, world, caller, monkeypatch):
    # So that something is left to do after what the call itself has done.
    monkeypatch.setattr("openprofiles.features.rules.applying.PROFILES_AT_ONCE", 1)
    world.create(LastName=VALUES["later"])
    kms.client.update_domain(DomainName=world.name, RuleBasedMatching=RULES)
    kms.disable(key)
    waiting = work_off_rules(kms.invoke, caller)
    kms.enable(key)

    done = work_off_rules(kms.invoke, caller)

    assert waiting == 0
    assert done > 0
    assert len(kms.client.list_rule_based_matches(DomainName=world.name)["MatchIds"]) > 0


def test_merges_of_rules_wait(kms, key, world, caller, database):
    with database.transaction() as transaction:
        transaction.send(
            "insert into rule_merges_due (domain_id, profile_id) select domain_id, profile_id"
            " from profiles join domains using (domain_id) where name = %s limit 1",
            [world.name],
        )
    kms.disable(key)
    waiting = kms.invoke("MergeRuleMatches", {"After": 0}, caller)
    kms.enable(key)

    done = kms.invoke("MergeRuleMatches", {"After": 0}, caller)

    assert waiting == {"After": done["After"], "IsWaiting": True}


def test_the_index_of_look_ups_waits(kms, key, world, caller):
    kms.client.update_domain(DomainName=world.name, Matching={"Enabled": True})
    kms.disable(key)
    kms.invoke("WorkOnMatchIndex", {}, caller)
    kms.enable(key)

    kms.invoke("WorkOnMatchIndex", {}, caller)

    taken: list[Any] = []
    wanted = {"DomainName": world.name, "After": "0" * 32, "Limit": 9, "Take": taken.append}
    assert kms.invoke("ReadMatchingValues", wanted, caller)["Count"] > 0


def test_a_job_of_identity_resolution_waits(kms, key, world, caller, application):
    machine = matching.Machine(
        invoke=kms.invoke,
        hold=partial(holding, application.database.conninfo),
        settings=application.settings,
        caller=caller,
    )
    job: dict[str, Any] = kms.own.post("/identity-resolution-jobs")
    kms.disable(key)
    waiting = matching.run_one(machine, world.name, job["JobId"])
    kms.enable(key)

    done = matching.run_one(machine, world.name, job["JobId"])

    assert (waiting, done) == (False, True)
    found = kms.client.get_identity_resolution_job(DomainName=world.name, JobId=job["JobId"])
    assert found["Status"] == "COMPLETED"


def test_letters_wait(kms, key, world, caller):
    queue = "https://sqs.us-east-1.amazonaws.com/1/queue"
    kms.client.update_domain(DomainName=world.name, DeadLetterQueueUrl=queue)
    content = {"asset": VALUES["asset"], "mail": "nobody@kestrel-example.com"}
    world.put("Thing", content)
    ask = {"After": 0, "AfterLetter": None}
    kms.disable(key)
    waiting = kms.invoke("ReadDeadLetters", ask, caller)
    kms.enable(key)

    found = kms.invoke("ReadDeadLetters", ask, caller)

    assert waiting["Letters"] == []
    assert len(found["Letters"]) == 1


def test_sealing_anew_waits(kms, key, world, caller, monkeypatch):
    monkeypatch.setattr("openprofiles.features.encryption.following.ROUNDS", 0)
    kms.own.post("/encryption/rotate")
    kms.disable(key)
    encryption.work_off(kms.invoke, caller)
    waiting = kms.own.get("/encryption")
    kms.enable(key)

    encryption.work_off(kms.invoke, caller)

    assert (waiting["Status"], waiting["IsUsable"]) == ("RESEALING", False)
    assert kms.own.get("/encryption")["Status"] == "ENCRYPTED"
    assert world.only("_email", VALUES["mail"])["LastName"] == VALUES["later"]
