"""The last use of keys: noted once a minute, not with each request."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openprofiles.core.errors import ServiceError
from openprofiles.features.access import Uses, using
from openprofiles.storage.database import DatabaseUnavailable


@pytest.fixture
def seconds():
    """Seconds that pass when a test says so."""
    return [0.0]


@pytest.fixture
def key_id(call):
    """A key."""
    return call("CreateAccessKey", Name="ann", Policies=["agent"])["AccessKeyId"]


@pytest.fixture
def user(caller, key_id):
    """Who uses it."""
    return replace(caller, access_key_id=key_id, source_ip="203.0.113.7")


@pytest.fixture
def noting(invoke, database, clock, seconds):
    """The one way in, noting."""
    return Uses(database, clock, lambda: seconds[0]).noting(invoke)


def _last_use(call):
    [item] = call("ListAccessKeys")["Items"]
    return item["LastUsed"]


def test_a_use_is_noted_with_operation_and_address(noting, user, call, clock):
    noting("ListDomains", {}, user)

    use = _last_use(call)
    assert (use["Operation"], use["Address"]) == ("ListDomains", "203.0.113.7")
    assert clock() - use["At"] < timedelta(minutes=1)


def test_a_use_is_noted_once_a_minute(noting, user, call, clock, seconds):
    noting("ListDomains", {}, user)
    noting("ListProfileObjectTypeTemplates", {}, user)
    assert _last_use(call)["Operation"] == "ListDomains"

    seconds[0] += 60
    clock.turn(seconds=61)
    noting("ListProfileObjectTypeTemplates", {}, user)

    assert _last_use(call)["Operation"] == "ListProfileObjectTypeTemplates"


def test_another_worker_does_not_note_it_again(invoke, database, user, call, clock, noting):
    noting("ListDomains", {}, user)

    Uses(database, clock).noting(invoke)("ListProfileObjectTypeTemplates", {}, user)

    assert _last_use(call)["Operation"] == "ListDomains"


def test_a_refused_call_is_a_use_too(noting, user, call):
    with pytest.raises(ServiceError):
        noting("GetDomain", {"DomainName": "nowhere"}, user)

    assert _last_use(call)["Operation"] == "GetDomain"


def test_who_has_no_key_leaves_no_note(noting, caller, call, key_id):
    noting("ListDomains", {}, caller)

    assert key_id
    assert _last_use(call) is None


def test_many_keys_are_forgotten_together(noting, user, call, monkeypatch):
    monkeypatch.setattr(using, "MOST_REMEMBERED", 1)
    noting("ListDomains", {}, replace(user, access_key_id="another"))

    noting("ListDomains", {}, user)

    assert _last_use(call)["Operation"] == "ListDomains"


class _Gone:
    """A database that cannot be reached."""

    def run(self, work):
        raise DatabaseUnavailable(work)


def test_a_call_does_not_fail_for_its_note(user, caplog):
    noting = Uses(_Gone()).noting(  # type: ignore[arg-type]  # all that it is asked
        lambda *_: {"done": True}
    )

    assert noting("ListDomains", {}, user) == {"done": True}
    assert "could not be noted" in caplog.text
