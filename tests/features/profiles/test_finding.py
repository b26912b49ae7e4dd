"""FindProfiles and ListRecentProfiles: people look for somebody."""

import pytest

from openprofiles.features.profiles.finding import Name, guess
from tests.own import Own

pytestmark = pytest.mark.clear_only(reason="where values are sealed, only whole ones are found")

KEYS = {"_phone": ("PHONE_NUMBER",), "_fullName": ("NAME",), "_profileId": ("STRING",)}


@pytest.fixture
def own(application, domain) -> Own:
    return Own(application.wsgi, domain)


@pytest.fixture
def ada(world):
    return world.create(
        FirstName="Ada",
        MiddleName="King",
        LastName="Lovelace",
        PhoneNumber="(206) 345-7890",
        EmailAddress="Ada@Example.org",
        AccountNumber="A-1815",
    )


def found(own: Own, text: str) -> dict[str, set[tuple[str, str]]]:
    """The profiles that a text finds, each with what it was found by and how."""
    return {
        item["Profile"]["ProfileId"]: {
            (reason.get("KeyName") or reason["FieldName"], reason["Match"])
            for reason in item["FoundBy"]
        }
        for item in own.post("/profiles/find", Text=text)["Items"]
    }


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("+1 206.345.7890", ("_phone", "WHOLE")),
        ("206 345", ("_phone", "BEGINNING")),
        ("+1206345", ("_phone", "BEGINNING")),
        ("ADA@example.org", ("_email", "WHOLE")),
        ("ada@ex", ("_email", "BEGINNING")),
        ("A-1815", ("_account", "WHOLE")),
        ("A-18", ("_account", "BEGINNING")),
        ("ada king lovelace", ("_fullName", "WHOLE")),
        ("Ada Ki", ("_fullName", "BEGINNING")),
        ("Lovelace, Ada King", ("_fullName", "WHOLE")),
        ("lovel", ("LastName", "BEGINNING")),
        ("LOVELACE", ("LastName", "BEGINNING")),
        ("ada lovelace", ("LastName", "BEGINNING")),
        ("lovelace ad", ("LastName", "BEGINNING")),
        ("love, a", ("LastName", "BEGINNING")),
    ],
)
def test_somebody_is_found_by_what_one_types(own, ada, text, by):
    assert by in found(own, text)[ada]


@pytest.mark.parametrize(
    "text", ["nobody", "ada babbage", "+49 30 1", "1", "?", "a@", "...", ", ada", ",", " "]
)
def test_what_leads_to_nobody_finds_nobody(own, ada, text):
    assert ada not in found(own, text)


def test_a_profile_is_found_by_its_id_however_it_is_written(own, ada):
    dashed = "-".join((ada[:8], ada[8:12], ada[12:16], ada[16:20], ada[20:]))

    assert ("_profileId", "WHOLE") in found(own, ada)[ada]
    assert ("_profileId", "WHOLE") in found(own, dashed.upper())[ada]
    assert ("_profileId", "BEGINNING") in found(own, ada[:20])[ada]


def test_a_key_of_a_type_finds_by_its_values(world, own):
    world.define("Order", {"number": ""}, {"orderNumber": (["PROFILE", "UNIQUE"], ["number"])})
    world.put("Order", {"number": "SO-2026-0815"})

    (by,) = found(own, "SO-2026-0815").values()
    (begun,) = found(own, "SO-2026").values()

    assert by == {("orderNumber", "WHOLE")}
    assert begun == {("orderNumber", "BEGINNING")}


def test_names_beyond_ascii_are_found_in_either_case(world, own):
    lower, upper = world.create(LastName="Müller"), world.create(LastName="MÜLLER")

    assert {lower, upper} <= found(own, "müll").keys()
    assert {lower, upper} <= found(own, "MÜLL").keys()


def test_a_business_is_found_by_the_beginning_of_its_name(world, own):
    shop = world.create(BusinessName="Analytical Engines Ltd")

    assert found(own, "analytical e") == {shop: {("BusinessName", "BEGINNING")}}


def test_who_was_merged_is_found_by_the_former_id(world, own, client, ada):
    other = world.create(FirstName="Ada")
    client.merge_profiles(DomainName=own.domain, MainProfileId=ada, ProfileIdsToBeMerged=[other])

    assert found(own, other) == {ada: {("_profileId", "WHOLE")}}


def test_whole_values_come_first_and_more_is_said(world, own):
    ids = [world.create(FirstName="Bo", LastName=f"Smith{n}") for n in range(3)]
    exact = world.create(LastName="Smith")

    answer = own.post("/profiles/find", Text="smith", MaxResults=2)

    assert answer["Items"][0]["Profile"]["ProfileId"] == exact
    assert answer["Items"][1]["Profile"]["ProfileId"] in ids
    assert (answer["HasMore"], answer["FindsBeginnings"]) == (True, True)


def test_in_a_domain_with_a_key_whole_values_are_found(client, application, domain):
    name = f"sealed-{domain[:40]}"
    client.create_domain(DomainName=name, DefaultExpirationDays=9, DefaultEncryptionKey="mine")
    made = client.create_profile(
        DomainName=name, FirstName="Ada", LastName="Lovelace", PhoneNumber="+12063457890"
    )["ProfileId"]
    own = Own(application.wsgi, name)

    assert found(own, "2063457890") == {made: {("_phone", "WHOLE")}}
    assert found(own, "ada lovelace") == {made: {("_fullName", "WHOLE")}}
    assert found(own, "lovelace") == {}
    assert own.post("/profiles/find", Text="love")["FindsBeginnings"] is False
    assert [item["Change"] for item in own.get("/profiles/recent")["Items"]] == ["profile.created"]


def test_long_names_are_found_by_their_beginning(world, own):
    world.define("Person", {"id": "", "name": "_profile.LastName"}, {"id": ["PROFILE", "UNIQUE"]})
    world.put("Person", {"id": "1", "name": "Longest" * 36})

    assert len(found(own, "longestlong")) == 1


def test_the_last_profiles_come_first_with_what_was_done(world, own):
    ann = world.create(FirstName="Ann")
    world.define(
        "Person", {"id": "", "mail": "_profile.EmailAddress"}, {"id": ["PROFILE", "UNIQUE"]}
    )
    world.put("Person", {"id": "1", "mail": "bo@example.org"})
    gone = world.create(FirstName="Gone")
    world.update(ann, LastName="Lee")
    world.client.delete_profile(DomainName=own.domain, ProfileId=gone)

    first, second = own.get("/profiles/recent")["Items"]

    assert (first["Profile"]["LastName"], first["Change"]) == ("Lee", "profile.updated")
    assert (second["Change"], second["ObjectTypeName"]) == ("object.put", "Person")
    assert "ObjectTypeName" not in first
    assert len(own.get("/profiles/recent", MaxResults=1)["Items"]) == 1


def test_what_was_typed_is_read_as_all_that_it_may_be():
    ada = guess(" Ada  Lovelace ", KEYS)
    phone = guess("0049 (30) 1234567", KEYS)

    assert Name("lovelace", "ada") in ada.names
    assert [(term.key_name, term.value) for term in ada.terms] == [("_fullName", "ada lovelace")]
    assert ("_phone", "+49301234567") in {(term.key_name, term.value) for term in phone.terms}
    assert "+49301234567" in {wanted.start for wanted in phone.ranges}
    assert phone.names == ()
