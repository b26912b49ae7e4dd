"""What a mapping can lead to is told, and all of it can be targeted."""

import json

import pytest

from openprofiles.features.object_types import target
from openprofiles.wire.own_routes import PREFIX
from tests.wire.calling import Request, send


@pytest.fixture(scope="module")
def described(application):
    """The answer over the wire."""
    reply = send(application.wsgi, Request("GET", f"{PREFIX}/standard-objects"))
    return json.loads(reply.body)


def test_each_target_is_one_that_a_type_may_have(described):
    targets = [item["Target"] for entry in described["Objects"] for item in entry["Targets"]]

    assert len(targets) == len(set(targets)) > 400
    for text in targets:
        assert target.parse(f"{text}name" if text.endswith(".") else text)
    assert {"_profile.Attributes.", "_order.OrderItems[].Title"} <= set(targets)
    assert "_profile.ProfileId" not in targets


def test_objects_have_their_identifier_and_keys_their_content_types(described):
    identifiers = {
        entry["ObjectTypeName"]: entry["StandardIdentifier"] for entry in described["Objects"]
    }
    keys = {key["KeyName"]: key["ContentTypes"] for key in described["Keys"]}

    assert (identifiers["_profile"], identifiers["_airBooking"]) == ("PROFILE", "AIR_BOOKING")
    assert keys["_email"] == ["EMAIL_ADDRESS"]
