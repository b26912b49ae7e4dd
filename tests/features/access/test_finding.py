"""How web workers find keys, and for how long they go by what they found."""

import json
from dataclasses import replace

import pytest

from openprofiles.core.credentials import KeyExpired
from openprofiles.core.errors import InternalServer
from openprofiles.core.policies import Asked, Decision, evaluate
from openprofiles.features.access import KeyFinder, finding
from tests.features.access.conftest import READING


class _Counting:
    """A database that counts how often it is asked."""

    def __init__(self, database):
        self._database = database
        self.asked = 0

    def run(self, work, **options):
        self.asked += 1
        return self._database.run(work, **options)


@pytest.fixture
def timer():
    """Seconds that pass when a test says so."""
    return [0.0]


@pytest.fixture
def counting(database):
    """The database, counting."""
    return _Counting(database)


@pytest.fixture
def find(counting, settings, clock, timer) -> KeyFinder:
    """A finder of keys."""
    return KeyFinder(counting, settings, clock, lambda: timer[0])


def _allows(key, action) -> bool:
    asked = Asked(action=action, resource="*", value_of=lambda _: None)
    return evaluate(key.policies, asked) is Decision.ALLOWED


def test_a_key_is_found_with_its_secret_and_policies(call, find, settings):
    made = call("CreateAccessKey", Name="ann", Policies=["agent"], PolicyDocument=READING)

    found = find(made["AccessKeyId"])

    assert found.secret == made["SecretAccessKey"]
    assert found.secret not in repr(found)
    assert (found.name, found.account_id) == ("ann", settings.account_id)
    assert found.principal_arn == made["PrincipalArn"]
    assert found.session_token is None
    assert len(found.policies) == 2


def test_a_policy_of_the_account_is_found_with_its_key(call, find):
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)
    made = call("CreateAccessKey", Name="ann", Policies=["own"])

    found = find(made["AccessKeyId"])

    assert _allows(found, "profile:GetDomain")
    assert not _allows(found, "profile:DeleteDomain")


def test_a_key_is_asked_for_once_in_a_while(call, find, counting, timer, settings):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]

    for _ in range(3):
        assert find(key_id)
    assert counting.asked == 1
    timer[0] += settings.access_key_cache_seconds
    assert find(key_id)
    assert counting.asked == 2


def test_a_disabled_key_stops_within_that_time(call, find, timer, settings):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]
    assert find(key_id)

    call("DisableAccessKey", AccessKeyId=key_id)

    timer[0] += settings.access_key_cache_seconds
    assert find(key_id) is None
    call("EnableAccessKey", AccessKeyId=key_id)
    assert find(key_id) is None
    timer[0] += settings.access_key_cache_seconds
    assert find(key_id)


def test_a_temporary_key_ends_on_time(call, find, clock):
    made = call("CreateAccessKey", Name="ann", Policies=["agent"], DurationSeconds=60)
    assert find(made["AccessKeyId"]).session_token == made["SessionToken"]

    clock.turn(seconds=60)

    with pytest.raises(KeyExpired):
        find(made["AccessKeyId"])


def test_a_key_that_another_replaced_ends_on_time(call, find, clock):
    key_id = call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]
    call("RotateAccessKey", AccessKeyId=key_id, OverlapSeconds=60)
    assert find(key_id)

    clock.turn(seconds=60)

    assert find(key_id) is None


def test_an_id_of_no_key_is_asked_for_once_in_a_while(find, counting):
    assert find("OPAK" + "A" * 16) is None
    assert find("OPAK" + "A" * 16) is None

    assert counting.asked == 1


@pytest.mark.parametrize("text", ["", "short", "lower-case-letters", "NUL\0" * 5, "Ä" * 20])
def test_what_can_be_no_id_is_not_asked_for(find, counting, text):
    assert find(text) is None

    assert counting.asked == 0


def test_only_so_many_ids_are_remembered(counting, monkeypatch, settings):
    monkeypatch.setattr(finding, "MOST_UNKNOWN", 2)
    find = KeyFinder(counting, settings)
    ids = ["OPAK" + letter * 16 for letter in "ABC"]

    for key_id in (*ids, ids[2], ids[0]):
        assert find(key_id) is None

    assert counting.asked == 4


def test_a_secret_that_cannot_be_read_is_our_fault(call, counting, settings, caplog):
    made = call("CreateAccessKey", Name="ann", Policies=["agent"])
    other = replace(settings, secrets_key="A" * 43 + "=")
    find = KeyFinder(counting, other)

    with pytest.raises(InternalServer):
        find(made["AccessKeyId"])

    assert "was encrypted with a key that is not there" in caplog.text


def test_a_secret_opens_for_its_own_key_only(call, find, database):
    made = call("CreateAccessKey", Name="ann", Policies=["agent"])
    other = "OPAK" + "B" * 16
    with database.transaction() as transaction:
        transaction.send("update access_keys set access_key_id = %s", [other])

    with pytest.raises(InternalServer):
        find(other)
    assert find(made["AccessKeyId"]) is None


@pytest.mark.parametrize("document", [None, json.dumps({"Statement": []})])
def test_a_key_whose_policy_cannot_be_had_may_do_nothing(call, find, database, document, caplog):
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)
    made = call("CreateAccessKey", Name="ann", Policies=["own", "admin"])
    with database.transaction() as transaction:
        if document is None:
            transaction.send("delete from access_policies")
        else:
            transaction.send("update access_policies set document = %s", [document])

    found = find(made["AccessKeyId"])

    assert found.policies == ()
    assert "may do nothing" in caplog.text
