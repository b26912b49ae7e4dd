"""Rooms above the domains hear of their configuration, in the transaction that changes it."""

import uuid
from dataclasses import replace

import pytest

from openprofiles.core.errors import BadRequest
from openprofiles.features import invoke
from openprofiles.features.context import Context, DomainChange

MATCHING = {"Matching": {"Enabled": True}}


@pytest.fixture
def heard(monkeypatch) -> list[DomainChange]:
    """What a follower has heard."""
    changes: list[DomainChange] = []

    def follow(_: Context, change: DomainChange) -> None:
        if change.domain_name.endswith("refused"):
            raise BadRequest("no")
        changes.append(change)

    monkeypatch.setattr(invoke, "DOMAIN_FOLLOWERS", (follow,))
    return changes


@pytest.mark.clear_only(reason="it is about domains that name no key")
def test_a_follower_hears_what_a_domain_was_and_is(client, heard):
    name = uuid.uuid4().hex

    client.create_domain(DomainName=name, DefaultExpirationDays=30)
    client.update_domain(DomainName=name, **MATCHING)

    made, changed = heard
    assert (made.before, made.after) == ({}, {"DefaultExpirationDays": 30})
    assert changed == replace(made, before=made.after, after={**made.after, **MATCHING})


def test_what_a_follower_refuses_does_not_happen(client, heard):
    name = f"{uuid.uuid4().hex}-refused"

    with pytest.raises(client.exceptions.BadRequestException, match="no"):
        client.create_domain(DomainName=name, DefaultExpirationDays=30)

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_domain(DomainName=name)
    assert heard == []
