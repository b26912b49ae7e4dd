"""Batches of any size: each object sees what those before it did, also where only a part was
loaded.
"""

import pytest

from openprofiles.features.profiles.working_set import HOLDERS_LOADED
from tests.features.profiles.consistency import check_domain


@pytest.fixture
def mailing(world):
    """The world with a type whose objects share e-mail addresses, and one that is found by them."""
    mail = ("", "EMAIL_ADDRESS")
    world.define(
        "Holder",
        {"id": "", "mail": mail},
        {"id": ["PROFILE", "UNIQUE"], "mail": []},
    )
    world.define(
        "Seeker",
        {"seeker": "", "mail": mail, "id": ""},
        {"mail": ["PROFILE"], "seeker": ["UNIQUE"]},
        creates=False,
    )
    return world


def test_a_key_that_the_batch_makes_unambiguous_is_followed(mailing, ingest, database):
    """The second holder was ambiguous when the batch was loaded, so its profile was not."""
    ingest("Holder", [{"id": "1", "mail": "a@x"}, {"id": "2", "mail": "a@x"}])
    mailing.define(
        "Holder",
        {"id": "", "mail": ("", "EMAIL_ADDRESS"), "seek": ("", "EMAIL_ADDRESS")},
        {"mail": (["PROFILE"], ["seek"]), "id": (["PROFILE", "UNIQUE"], ["id"])},
    )

    results = ingest("Holder", [{"id": "1"}, {"id": "3", "seek": "a@x"}])

    assert results == ["updated", "attached"]
    first, second = mailing.only("id", "1"), mailing.only("id", "2")
    assert len(mailing.objects("Holder", first["ProfileId"])) == 1
    assert len(mailing.objects("Holder", second["ProfileId"])) == 2
    check_domain(database, mailing.name)


def test_a_key_of_more_holders_than_were_loaded_is_counted_down_exactly(mailing, ingest, database):
    count = HOLDERS_LOADED + 1
    ingest("Holder", [{"id": str(n), "mail": "a@x"} for n in range(count)])
    mailing.define(
        "Holder",
        {"id": "", "mail": ("", "EMAIL_ADDRESS")},
        {"id": ["PROFILE", "UNIQUE"], "mail": ["PROFILE", "SECONDARY"]},
    )

    results = ingest(
        "Holder",
        [*({"id": str(n)} for n in range(count - 1)), {"id": "new", "mail": "a@x"}],
    )

    assert results == ["updated"] * (count - 1) + ["attached"]
    last = mailing.only("id", str(count - 1))
    assert len(mailing.objects("Holder", last["ProfileId"])) == 2
    check_domain(database, mailing.name)


@pytest.mark.usefixtures("mailing")
def test_refused_objects_of_a_batch_are_kept_with_their_reason(ingest, rejections):
    results = ingest("Seeker", [{"mail": "a@x"}, {"seeker": "1", "mail": "b@x"}])

    assert results == ["rejected", "rejected"]
    assert rejections() == [
        (
            "Seeker",
            {"mail": "a@x"},
            "The UNIQUE key or PROFILE key does not exist in the profile object",
        ),
        ("Seeker", {"seeker": "1", "mail": "b@x"}, "No profile found for the keys of this object"),
    ]


def test_a_full_profile_gives_up_objects_of_the_same_batch(mailing, client_with, database):
    small = type(mailing)(client_with(objects_per_profile=2), mailing.name)
    small.define("Many", {"id": "", "box": ""}, {"box": ["PROFILE"], "many": (["UNIQUE"], ["id"])})
    items = [{"Id": str(n), "Object": f'{{"id": "{n}", "box": "a"}}'} for n in range(5)]

    small.client.batch_put_profile_object(DomainName=small.name, ObjectTypeName="Many", Items=items)

    profile_id = small.only("box", "a")["ProfileId"]
    assert [item["id"] for item in small.objects("Many", profile_id)] == ["4", "3"]
    check_domain(database, small.name)


def test_an_evicted_object_may_come_again_in_the_same_batch(mailing, client_with, database):
    small = type(mailing)(client_with(objects_per_profile=1), mailing.name)
    small.define("Many", {"id": "", "box": ""}, {"box": ["PROFILE"], "many": (["UNIQUE"], ["id"])})
    small.put("Many", {"id": "1", "box": "a"})
    items = [{"Id": n, "Object": f'{{"id": "{n}", "box": "a"}}'} for n in ("2", "1")]

    small.client.batch_put_profile_object(DomainName=small.name, ObjectTypeName="Many", Items=items)

    profile_id = small.only("box", "a")["ProfileId"]
    assert [item["id"] for item in small.objects("Many", profile_id)] == ["1"]
    check_domain(database, small.name)


def test_thousands_of_rows_are_copied_as_they_are(mailing, ingest, database):
    """Texts with everything that COPY gives a meaning to."""
    odd = ["tab\there", "back\\slash", "new\nline\r", "\\N", "\\.", "quote\"'", "é 🦊 \u202e"]
    contents = [{"id": f"{text}{number}", "mail": text} for text in odd for number in range(20)]

    assert ingest("Holder", contents) == ["created"] * len(contents)
    assert ingest("Holder", contents) == ["updated"] * len(contents)

    assert check_domain(database, mailing.name)["objects"] == len(contents)
    for content in contents[::20]:
        profile = mailing.only("id", content["id"])
        assert mailing.objects("Holder", profile["ProfileId"]) == [content]
