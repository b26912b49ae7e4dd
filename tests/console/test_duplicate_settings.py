"""Settings of duplicates, and what they would do before they do it."""

import pytest

from openprofiles.console.pages.duplicate_settings.reading import (
    Unreadable,
    lines_of,
    lists_in,
    number_in,
    whole_in,
)
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, BELA_TOO
from tests.console.test_openid import sign_in

FORM = {
    "act": "save",
    "enabled": "yes",
    "day": "MONDAY",
    "time": "03:30",
    "merges": "yes",
    "criteria": "FirstName + EmailAddress\n\n PhoneNumber ",
    "confidence": "0.9",
    "resolution": "RECENCY",
}
RULES = {
    "act": "save",
    "enabled": "yes",
    "rules": "EmailAddress\nPhoneNumber + LastName",
    "matching_level": "2",
    "merging_level": "",
    "selector": "",
    "resolution": "RECENCY",
}


@pytest.fixture
def path(street):
    """Where the settings of identity resolution are."""
    return f"{street.path}/duplicates/settings"


def domain_of(street):
    return street.client.get_domain(DomainName=street.domain)


def test_matching_is_switched_on_as_typed(anybody, street, path):
    done = anybody.post(path, on=path, **FORM)

    matching = domain_of(street)["Matching"]
    assert "It is set." in anybody.get(done.location).text
    assert matching["JobSchedule"] == {"DayOfTheWeek": "MONDAY", "Time": "03:30"}
    assert matching["AutoMerging"] == {
        "Enabled": True,
        "Consolidation": {
            "MatchingAttributesList": [["FirstName", "EmailAddress"], ["PhoneNumber"]]
        },
        "ConflictResolution": {"ConflictResolvingModel": "RECENCY"},
        "MinAllowedConfidenceScoreForMerging": 0.9,
    }


def test_what_is_set_is_shown(anybody, path):
    anybody.post(path, on=path, **FORM)

    page = anybody.get(path).text

    assert "FirstName + EmailAddress\nPhoneNumber</textarea>" in page
    assert '<option value="MONDAY" selected>' in page
    assert 'value="0.9"' in page


def test_matching_without_merging_is_set(anybody, street, path):
    anybody.post(path, on=path, act="save", enabled="yes", day="FRIDAY", time="1:00")

    assert "AutoMerging" not in domain_of(street)["Matching"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"confidence": "much"}, "The confidence is a number."),
        ({"confidence": "7"}, "minAllowedConfidenceScoreForMerging"),
        ({"criteria": "Nose"}, "names an attribute that a profile does not have"),
        ({"resolution": "SOURCE"}, "needs SourceName"),
        ({"time": "noon"}, "must satisfy regular expression"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(anybody, street, path, typed, said):
    refused = anybody.post(path, on=path, **{**FORM, **typed})

    assert refused.status_code == 422
    assert said.lower() in refused.text.lower()
    assert str(next(iter(typed.values()))) in refused.text
    assert not domain_of(street).get("Matching", {}).get("Enabled")


def test_a_dry_run_shows_whom_it_would_merge_and_why(anybody, street, path):
    street.settle(ANNA, ANNA_AGAIN)
    street.run()

    tried = anybody.post(
        path, on=path, **{**FORM, "act": "try", "criteria": "FirstName", "confidence": ""}
    )

    assert tried.status_code == 200
    assert "<strong>1</strong> profiles would go into others" in tried.text
    assert "Anneliese Krawczynsky, A.Kraw@Kraw.example" in tried.text
    assert '<span class="quiet">First name</span> Anneliese' in tried.text
    assert "Krawczynski ≠ Krawczynsky" in tried.text
    assert street.merges() == []
    assert not domain_of(street).get("Matching", {}).get("Enabled")


def test_a_dry_run_comes_as_a_part(anybody, street, path):
    street.settle(ANNA, ANNA_AGAIN)
    street.run()
    form = {
        **FORM,
        "act": "try",
        "criteria": "AccountNumber",
        "csrf_token": anybody.proof(path),
    }

    part = anybody.send(path, form, HX_Request="true", HX_Request_Type="partial").text

    assert "It would merge nobody" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"criteria": " "}, "Name a criterion at least"),
        ({"criteria": "Nose"}, "names an attribute"),
        ({"confidence": "much"}, "The confidence is a number."),
    ],
)
def test_a_dry_run_that_cannot_be_says_why(anybody, path, typed, said):
    tried = anybody.post(path, on=path, **{**FORM, "act": "try", **typed})

    assert tried.status_code == 200
    assert said in tried.text


def test_rules_are_set_and_shown(anybody, street, path):
    rules = f"{path}/rules"
    selecting = {"selector": "ONE_TO_ONE", "fields": ["PhoneNumber", "EmailAddress"]}

    done = anybody.post(rules, on=rules, **{**RULES, **selecting})

    block = domain_of(street)["RuleBasedMatching"]
    assert "The rules are set." in anybody.get(done.location).text
    assert [rule["Rule"] for rule in block["MatchingRules"]] == [
        ["EmailAddress"],
        ["PhoneNumber", "LastName"],
    ]
    assert block["AttributeTypesSelector"] == {
        "AttributeMatchingModel": "ONE_TO_ONE",
        "PhoneNumber": ["PhoneNumber"],
        "EmailAddress": ["EmailAddress"],
    }
    page = anybody.get(rules).text
    assert "EmailAddress\nPhoneNumber + LastName</textarea>" in page
    assert 'value="PhoneNumber" checked' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"merging_level": "two"}, "The level to merge by is a number."),
        ({"matching_level": "1.5"}, "The level to match by is a whole number."),
        ({"merging_level": "3"}, "is greater than"),
        ({"rules": "Nose"}, "names an attribute"),
    ],
)
def test_rules_that_cannot_be_are_refused(anybody, street, path, typed, said):
    rules = f"{path}/rules"

    refused = anybody.post(rules, on=rules, **{**RULES, **typed})
    tried = anybody.post(rules, on=rules, **{**RULES, **typed, "act": "try"})

    assert (refused.status_code, tried.status_code) == (422, 200)
    assert said in refused.text
    assert said in tried.text
    assert "RuleBasedMatching" not in domain_of(street)


def test_a_dry_run_of_rules_shows_people_the_riskiest_first(anybody, street, path):
    street.settle(ANNA, ANNA_AGAIN, *([BELA, BELA_AGAIN, BELA_TOO] * 2))
    rules = f"{path}/rules"

    tried = anybody.post(rules, on=rules, **{**RULES, "act": "try", "merging_level": "2"}).text

    assert "<strong>2</strong> groups among all 8 profiles" in tried
    assert "<strong>6</strong> profiles would go into others" in tried
    assert tried.index("Tarkowski") < tried.index("Krawczynski")
    assert "and 1 more" in tried
    assert "Krawczynski ≠ Krawczynsky" in tried
    assert '<span class="quiet">E-mail</span> a.kraw@kraw.example' in tried


def test_a_dry_run_of_rules_comes_as_a_part_and_tells_addresses(anybody, street, path):
    street.settle(ANNA, ANNA)
    rules = f"{path}/rules"
    form = {**RULES, "act": "try", "rules": "Address.City + Address.PostalCode"}
    form |= {"csrf_token": anybody.proof(rules), "matching_level": ""}

    part = anybody.send(rules, form, HX_Request="true", HX_Request_Type="partial").text

    assert '<span class="quiet">Address</span> 1 Oak Street' in part
    assert "<html" not in part


def test_rules_that_are_still_applied_say_how_far_they_are(anybody, street, path, client_with):
    street.settle(ANNA, BELA)
    client_with(rules_wait_seconds=3600).update_domain(
        DomainName=street.domain, RuleBasedMatching={"Enabled": True}
    )

    page = anybody.get(f"{path}/rules").text

    assert "The rules are applied to profiles that were there before: 0 of 2." in page


def test_who_may_only_look_may_try(federated, path):
    agent = federated()
    sign_in(agent)

    page = agent.get(path).text
    tried = agent.post(path, on=path, **{**FORM, "act": "try"})
    refused = agent.post(path, on=path, **FORM)

    assert "Admins change settings; you may try what they would do." in page
    assert "Save" not in page
    assert "It would merge nobody" in tried.text
    assert refused.status_code == 403


def test_lines_are_read_as_they_are_written():
    lists = [["FirstName", "LastName"], ["Attributes.a b"]]

    assert lists_in(lines_of(lists)) == lists
    assert lists_in("+A, B+\n \n") == [["A", "B"]]
    assert (number_in("", "It"), whole_in("3", "It")) == (None, 3)
    with pytest.raises(Unreadable, match="It is a whole number"):
        whole_in("nan", "It")
