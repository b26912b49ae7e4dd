"""How two records agree, in words; SQL says the same (test_online)."""

import pytest

from openprofiles.resolution import KnownValues, blocking, features_of
from openprofiles.resolution.attributes import ATTRIBUTES, PLACES
from openprofiles.resolution.levels import compare

NOTHING = KnownValues(
    size=1000,
    first_name_counts={"john": 100, "ann": 40},
    last_name_counts={"smith": 80, "lee": 9},
    town_counts={"reno": 400},
    phone_kinds={12125550123: 1},
    email_kinds={"info@x.io": 3},
)
NAME = {"FirstName": "Ann", "LastName": "Kowalczyk"}


def _level(attribute, one, other):
    records = [features_of(fields, NOTHING) for fields in (one, other)]
    number = compare(*records)[PLACES[attribute]]
    return ATTRIBUTES[PLACES[attribute]].levels[number - 1].name if number else None


def _name(whole: str) -> dict[str, str]:
    first, _, last = whole.partition("|")
    return {"FirstName": first, "LastName": last}


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Ann|Kowalczyk", "ann|kowalczyk", "full_rare"),
        ("John|Smith", "John|Smith", "full_common"),
        ("Zoltana|Kowalczyk", "Zoltana|Kowalczyk", "full_unique"),
        ("Ann|Lee", "Ann|Kowalczyk", "same"),
        ("Kowalczyk|Ann", "Ann|Kowalczyk", "swapped"),
        ("Lee|Smith", "Ann|Lee", "different"),
        ("Bob|Lee", "Robert|Lee", "nickname"),
        ("R|Lee", "Robert|Lee", "initial"),
        ("T|Lee", "Robert|Lee", "different"),
        ("Mary Ann|Lee", "Mary|Lee", "part"),
        ("Rbert|Lee", "Robert|Lee", "typo"),
        ("Orville|Lee", "Arville|Lee", "typo"),
        ("Martin|Lee", "Marvin X|Lee", "typo"),
        ("Caroline|Lee", "Carmen|Lee", "similar"),
        ("Bertha|Lee", "Zoltan|Lee", "different"),
        ("|Lee", "Zoltan|Lee", None),
    ],
)
def test_first_names(one, other, level):
    assert _level("first_name", _name(one), _name(other)) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Kowalczyk", "Kowalczyk", "rare"),
        ("Lee", "Lee", "known"),
        ("Smith", "Smith", "common"),
        ("Smith", "Smiht", "typo"),
        ("Bowman", "Dowman", "typo"),
        ("Garcia Lopez", "Lopez", "part"),
        ("Lopez", "Garcia-Lopez", "part"),
        ("Johnson", "Johannsen", "similar"),
        ("Harmon", "Hartmann", "similar"),
        ("Smith Jones", "Smythe Johns", "similar"),
        ("Van Dam", "Du Pont", "different"),
        ("Lee", "Smith", "different"),
        ("Lee", "", None),
    ],
)
def test_last_names(one, other, level):
    records = ({"LastName": one}, {"LastName": other})

    assert _level("last_name", *records) == level


@pytest.mark.parametrize(
    ("attribute", "one", "other", "level"),
    [
        ("middle_name", {"MiddleName": "J"}, {"MiddleName": "Jane"}, "initial"),
        ("middle_name", {"MiddleName": "K"}, {"MiddleName": "Jane"}, "different"),
        ("middle_name", {"MiddleName": "Jane"}, {"MiddleName": "Jnae"}, "same"),
        ("middle_name", {"MiddleName": "Jane"}, {"MiddleName": "Zoe"}, "different"),
        ("middle_name", {"FirstName": "John Q"}, {"MiddleName": "Q"}, "same"),
        ("generation", {"LastName": "Smith Jr"}, {"LastName": "Smith, Junior"}, "same"),
        ("generation", {"LastName": "Smith Jr"}, {"LastName": "Smith Sr."}, "different"),
        ("generation", {"FirstName": "Al Jr"}, {"LastName": "Smith Jr"}, "same"),
        ("generation", {"FullName": "Al Smith, Jr."}, {"FullName": "Al Smith III"}, "different"),
        ("generation", {"FirstName": "Al I"}, {"FirstName": "Al II"}, "different"),
        ("generation", {"LastName": "Lee IV"}, {"MiddleName": "I"}, "different"),
        ("generation", {"FirstName": "Al I"}, {"FirstName": "Al I"}, None),
        ("generation", {"FirstName": "Al I"}, {"FirstName": "Al Jr"}, None),
        ("generation", {"FirstName": "Al J"}, {"FirstName": "Al II"}, None),
        ("last_name", {"FullName": "Al Smith, Jr."}, {"FullName": "Smith, Joe"}, "common"),
        ("first_name", {"FirstName": "Ann MD"}, {"FirstName": "Ann"}, "same"),
        ("birth_date", {"BirthDate": "1980-04-17"}, {"BirthDate": "17.4.1980"}, "same"),
        ("birth_date", {"BirthDate": "1980-01-01"}, {"BirthDate": "1980-01-01"}, "placeholder"),
        ("birth_date", {"BirthDate": "1980-01-01"}, {"BirthDate": "1980-04-17"}, "year_only"),
        ("birth_date", {"BirthDate": "1980-04-05"}, {"BirthDate": "1980-05-04"}, "swapped"),
        ("birth_date", {"BirthDate": "1980-04-17"}, {"BirthDate": "1980-04-27"}, "one_digit"),
        ("birth_date", {"BirthDate": "1980-04-17"}, {"BirthDate": "1980-04-29"}, "two_parts"),
        ("birth_date", {"BirthDate": "1980-04-17"}, {"BirthDate": "1981-05-18"}, "near"),
        ("birth_date", {"BirthDate": "1980-04-17"}, {"BirthDate": "1980-09-23"}, "year"),
        ("birth_date", {"BirthDate": "1980-04-17"}, {"BirthDate": "1955-09-23"}, "different"),
        ("phone", {"PhoneNumber": "2125550124"}, {"HomePhoneNumber": "+12125550124"}, "personal"),
        ("phone", {"PhoneNumber": "2125550123"}, {"PhoneNumber": "+12125550123"}, "household"),
        ("phone", {"PhoneNumber": "2125550124"}, {"PhoneNumber": "2125550164"}, "typo"),
        ("phone", {"PhoneNumber": "2125550124"}, {"PhoneNumber": "2127777777"}, "area"),
        ("phone", {"PhoneNumber": "2125550124"}, {"PhoneNumber": "3127777777"}, "different"),
        ("email", {"EmailAddress": "x7@y.io"}, {"EmailAddress": "X7@y.io"}, "personal"),
        ("email", {"EmailAddress": "info@x.io"}, {"EmailAddress": "info@x.io"}, "role"),
        ("email", {"EmailAddress": "annk77@y.io"}, {"EmailAddress": "annk77@z.io"}, "same_local"),
        ("email", {"EmailAddress": "annkowal77@y.io"}, {"EmailAddress": "annkowal78@y.io"}, "typo"),
        ("email", {"EmailAddress": "ann.lee@y.io"}, {"EmailAddress": "ann.lee197@y.io"}, "similar"),
        ("email", {"EmailAddress": "ann.lee@y.io"}, {"EmailAddress": "zoo@y.io"}, "different"),
        ("address", {"Address1": "7 Elm Road"}, {"Address1": "7 ELM RD Apt 3"}, "same"),
        ("address", {"Address1": "7 Elmwood Rd"}, {"Address1": "7 Elmwod Rd"}, "similar"),
        ("address", {"Address1": "7 Elm Rd"}, {"Address1": "9 Elm Rd"}, "street"),
        ("address", {"Address1": "7 Elm Rd"}, {"Address1": "7 Oak Rd"}, "different"),
        ("address", {"Address1": "7 Elm Rd"}, {"Address1": "9 Oak Rd"}, "different"),
        ("place", {"PostalCode": "10001-1234"}, {"PostalCode": "10001"}, "same_code"),
        ("place", {"PostalCode": "10001"}, {"PostalCode": "10010"}, "code_typo"),
        ("place", {"PostalCode": "10001"}, {"PostalCode": "10078"}, "area"),
        ("place", {"PostalCode": "10001"}, {"PostalCode": "10578"}, "different_code"),
        ("place", {"PostalCode": "10001"}, {"PostalCode": "99999"}, "different_code"),
        ("place", {"City": "Reno"}, {"City": "RENO"}, "same_city"),
        ("place", {"City": "Gerlach"}, {"City": "Gerlach"}, "rare_city"),
        ("place", {"City": "Gerlach"}, {"City": "Gerlch"}, "similar_city"),
        ("place", {"City": "Gerlach"}, {"City": "Reno"}, "different_city"),
        ("business", NAME | {"BusinessName": "Acme"}, NAME | {"BusinessName": "Acme Inc"}, "same"),
        ("business", {"BusinessName": "Acme"}, {"BusinessName": "The Acme Co."}, "company_same"),
        ("business", {"BusinessName": "Acmetal"}, {"BusinessName": "Acmetl"}, "company_similar"),
        ("business", {"BusinessName": "Acme"}, {"BusinessName": "Zoom"}, "company_different"),
        ("business", {"BusinessName": "Acme"}, NAME, "kind"),
        ("business", NAME, {"BusinessName": "Acme"}, "kind"),
    ],
)  # fmt: skip
def test_other_attributes(attribute, one, other, level):
    assert _level(attribute, one, other) == level


def test_what_chance_finds_among_many_is_not_compared():
    few, many = (
        {blocks.name: blocks.cap for blocks in blocking.blocks(0, size, has_copies=False)}
        for size in (1000, 1_000_000)
    )

    assert few["birth"] == 8
    assert "birth" not in many
    assert (few["skeleton"], many["skeleton"]) == (10, 5)
