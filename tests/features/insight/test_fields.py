"""The quality of a domain's fields."""

from dataclasses import replace

import pytest

from openprofiles.core.errors import ResourceNotFound
from openprofiles.core.policies import read
from openprofiles.features.insight import quality
from openprofiles.features.insight.quality import _margin

PEOPLE = (
    {"FirstName": "Anna", "PhoneNumber": "+49 30 123456", "EmailAddress": "anna@berg.de"},
    {"FirstName": "Béla", "PhoneNumber": "030 12", "EmailAddress": "Anna@Berg.de"},
    {"FirstName": "test", "BirthDate": "1980-02-31", "Attributes": {"tier": "gold"}},
    {"LastName": "Berg", "BirthDate": "02/03/1980", "Attributes": {"tier": "gold"}},
)
READING = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "profile:Get*", "Resource": "*"}]}"""


def settle(company, *people) -> None:
    for person in people:
        company.client.create_profile(DomainName=company.name, **person)


def fields_of(company, caller=None):
    given = {"DomainName": company.name}
    answer = company.invoke("GetFieldQuality", given, caller or company.caller)
    return answer, {item["Field"]: item for item in answer["Items"]}


def test_filled_valid_and_distinct_values_are_counted(company):
    settle(company, *PEOPLE)

    answer, fields = fields_of(company)

    assert (answer["Profiles"], answer["Sampled"], answer["Margin"]) == (4, 4, 0.0)
    counts = {
        name: tuple(fields[name][of] for of in ("Filled", "Valid", "Distinct"))
        for name in ("FirstName", "PhoneNumber", "EmailAddress", "BirthDate", "Attributes.tier")
    }
    assert counts == {
        "FirstName": (3, 2, 3),
        "PhoneNumber": (2, 1, 2),
        "EmailAddress": (2, 2, 1),
        "BirthDate": (2, 1, 2),
        "Attributes.tier": (2, 2, 1),
    }


def test_shapes_say_what_values_look_like(company):
    settle(company, *PEOPLE)

    _, fields = fields_of(company)

    assert fields["PhoneNumber"]["Shapes"][0] == {"Shape": "+99 99 999999", "Count": 1}
    assert fields["FirstName"]["Shapes"] == [
        {"Shape": "Aa", "Count": 2},
        {"Shape": "a", "Count": 1},
    ]


def test_fields_that_nobody_has_are_told_of(company):
    _, fields = fields_of(company)

    assert fields["BusinessName"]["Filled"] == 0


def test_a_blank_text_is_no_value(company):
    settle(company, {"FirstName": "Anna", "Attributes": {"tier": "  "}})

    _, fields = fields_of(company)

    assert fields["Attributes.tier"]["Filled"] == 0


def test_what_is_no_text_is_only_counted(company):
    preferences = {"Email": [{"KeyName": "_email", "KeyValue": "a@b.de"}]}
    settle(company, {"FirstName": "Anna", "EngagementPreferences": preferences})

    _, fields = fields_of(company)

    assert fields["EngagementPreferences"]["Filled"] == 1
    assert fields["EngagementPreferences"]["Shapes"] == []


def test_frequent_values_are_for_those_who_may_search(company):
    settle(company, *[{"LastName": "Unknown", "FirstName": f"A{n}"} for n in range(4)])
    somebody = replace(
        company.caller, policies=(read(READING),), principal_arn="arn:aws:iam::1:user/ann"
    )

    own, fields = fields_of(company)
    other, hidden = fields_of(company, somebody)

    assert (own["ShowsValues"], other["ShowsValues"]) == (True, False)
    assert fields["LastName"]["Values"] == [{"Value": "unknown", "Count": 4}]
    assert fields["FirstName"]["Values"] == []
    assert all(field["Values"] == [] for field in hidden.values())


def test_a_large_domain_is_measured_on_a_sample_that_says_so(company, monkeypatch):
    monkeypatch.setattr(quality, "SAMPLE", 10)
    settle(company, *[{"LastName": f"Berg {number}"} for number in range(40)])

    answer, fields = fields_of(company)

    assert (answer["Profiles"], answer["OneIn"]) == (40, 4)
    assert answer["Sampled"] == fields["LastName"]["Filled"]
    assert 0 < answer["Sampled"] <= 20
    assert 0 < answer["Margin"] < 1
    assert fields_of(company)[0] == answer


def test_fields_beyond_measure_are_left_out(company, monkeypatch):
    monkeypatch.setattr(quality, "MOST_FIELDS", 3)

    answer, fields = fields_of(company)

    assert len(fields) == 3
    assert answer["LeftOut"] > 10


@pytest.mark.parametrize(("sampled", "total", "margin"), [(0, 9, 1.0), (1000, 10**6, 0.031)])
def test_the_margin_is_that_of_a_share(sampled, total, margin):
    assert _margin(sampled, total) == margin


def test_a_missing_domain_has_no_fields(company):
    with pytest.raises(ResourceNotFound):
        company.ask("GetFieldQuality", DomainName="nowhere")
