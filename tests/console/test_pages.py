"""Home, domains, appearance; and what people see when something does not go."""

import logging
import re
import uuid

import pytest
from flask import g

from openprofiles.console.pages.domains.overview import matching_in_words, rules_in_words
from openprofiles.console.people import Request
from openprofiles.console.saying import plainly
from openprofiles.console.visit import Visit, ask
from openprofiles.core.errors import (
    AccessDenied,
    BadRequest,
    InternalServer,
    ResourceNotFound,
    Throttling,
)
from openprofiles.storage.database import DatabaseUnavailable
from tests.console.conftest import signed_in
from tests.console.visiting import Visitor


def test_an_account_without_domains_is_shown_how_to_begin(make_console):
    empty = Visitor(make_console(auth="open", account_id="222233334444"))
    home = empty.get("/console/").text

    assert "There is no domain yet" in home
    assert 'action="/console/domains"' in home
    assert "There is no domain yet." in empty.part("/console/parts/domains").text


def test_a_domain_is_made_and_shown(anybody):
    # The menu lists the first names in their order, and other tests make domains beside this one.
    name = f"0-shop-{uuid.uuid4().hex}"
    made = anybody.post("/console/domains", on="/console/", name=name, days="366")
    page = anybody.get(made.location).text

    assert made.location == f"/console/domains/{name}"
    assert f"Domain {name} is made." in page
    assert "366 days after their last change" in page
    assert name in anybody.part("/console/parts/domains").text


@pytest.mark.parametrize(
    ("name", "days", "said"),
    [
        ("a b", "366", "Must satisfy regular expression pattern"),
        ("", "366", "Must have length greater than or equal to 1"),
        ("fine", "soon", "The days are a whole number."),
        ("fine", "0", "Must have value greater than or equal to 1"),
    ],
)
def test_a_domain_that_cannot_be_made_leaves_what_was_typed(anybody, name, days, said):
    answer = anybody.post("/console/domains", on="/console/", name=name, days=days)

    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{name}"' in answer.text
    assert f'value="{days}"' in answer.text


def test_what_a_domain_holds_and_how_it_is_set_up_is_shown(anybody, client, domain):
    client.create_profile(DomainName=domain, FirstName="Ada")
    client.update_domain(
        DomainName=domain,
        Matching={
            "Enabled": True,
            "AutoMerging": {
                "Enabled": True,
                "Consolidation": {"MatchingAttributesList": [["EmailAddress"]]},
            },
        },
        RuleBasedMatching={
            "Enabled": True,
            "MatchingRules": [{"Rule": ["EmailAddress"]}],
            "MaxAllowedRuleLevelForMatching": 1,
            "MaxAllowedRuleLevelForMerging": 1,
            "AttributeTypesSelector": {
                "AttributeMatchingModel": "ONE_TO_ONE",
                "EmailAddress": ["EmailAddress"],
            },
        },
    )
    page = anybody.get(f"/console/domains/{domain}").text

    assert "On, merges by itself" in page
    assert re.search(
        r"<dt>Matches by rules</dt><dd>On(, still going through old profiles)?</dd>", page
    )
    assert '<span class="number">1</span><span class="quiet">profiles</span>' in page


def test_the_list_of_domains_has_pages_and_the_menu_its_first(make_console):
    visitor = Visitor(make_console(auth="open", account_id="333344445555"))
    for number in range(22):
        visitor.post("/console/domains", on="/console/", name=f"d-{number:02}", days="366")
    first = visitor.get("/console/").text
    address = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = visitor.get(address).text

    assert ("d-19<" in first, "d-20<" in first) == (True, False)
    assert ("d-19<" in second.split("<main")[1], "d-20<" in second) == (False, True)


def test_the_domain_one_was_in_stays_in_the_menu(anybody, domain):
    anybody.get(f"/console/domains/{domain}")

    assert f"<strong>{domain}</strong>" in anybody.get("/console/policies").text


def test_numbers_that_somebody_may_not_see_are_left_out(console, keys, domain):
    listing = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*",'
        ' "Action": ["profile:ListDomains"]}]}'
    )
    visitor = signed_in(Visitor(console), keys.make(PolicyDocument=listing))

    assert visitor.get("/console/").status_code == 200
    assert visitor.get(f"/console/domains/{domain}").status_code == 403


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_a_theme_is_remembered(anybody, theme):
    form = {"theme": theme, "next": "/console/policies"}
    answer = anybody.post("/console/appearance", on="/console/", **form)

    assert answer.location == "/console/policies"
    assert f'data-theme="{theme}"' in anybody.get("/console/").text


def test_no_other_theme_is_taken(anybody):
    answer = anybody.post("/console/appearance", on="/console/", theme="pink", next="//evil")
    anybody.client.set_cookie("openprofiles-theme", "x", domain="127.0.0.1")

    assert answer.location == "/console/"
    assert 'data-theme="auto"' in anybody.get("/console/").text


def test_an_address_that_is_none_is_not_found(anybody, visitor):
    known, unknown = anybody.get("/console/nothing"), visitor.get("/console/nothing")

    assert (known.status_code, unknown.status_code) == (404, 404)
    assert "There is nothing here" in known.text
    assert "To the domains" in known.text
    assert "Sign in" in unknown.text


def test_a_domain_that_does_not_exist_is_not_found(anybody):
    answer = anybody.get("/console/domains/nowhere")

    assert answer.status_code == 404
    assert "Domain nowhere" in answer.text


def test_a_method_that_a_page_does_not_have_is_refused(anybody):
    answer = anybody.send("/console/policies/new", {"csrf_token": anybody.proof("/console/")})

    assert answer.status_code in (404, 405)
    other = anybody.send("/console/keys/new", {"csrf_token": anybody.proof("/console/")})
    assert other.status_code == 405
    assert "GET" in other.headers["Allow"]


def test_in_a_part_what_does_not_go_is_said_in_a_part(anybody):
    answer = anybody.part("/console/domains/nowhere")

    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyError("quixley"), 500, "It is in the log of the service"),
        (InternalServer("Something inside"), 500, "Something inside"),
        (Throttling("Rate exceeded"), 429, "Rate exceeded"),
        (DatabaseUnavailable("host=secret"), 503, "Try again in a moment."),
    ],
    ids=["bug", "inside", "often", "away"],
)
def test_what_nobody_expected_is_a_page_that_says_nothing_of_the_inside(
    make_console, caplog, error, status, said
):
    def fail(*_: object) -> None:
        raise error

    answer = Visitor(make_console(auth="open", invoke=fail)).get("/console/")

    assert answer.status_code == status
    assert said in answer.text
    assert "quixley" not in answer.text + caplog.text
    assert "secret" not in answer.text + caplog.text
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(logged) == (1 if status == 503 or isinstance(error, KeyError) else 0)


def test_a_database_that_is_away_is_said_before_anybody_is_known(make_console):
    def fail(*_: object) -> None:
        raise DatabaseUnavailable

    visitor = Visitor(make_console(invoke=fail))
    visitor.client.set_cookie("openprofiles", "t" * 43, domain="127.0.0.1")

    assert visitor.get("/console/").status_code == 503


def test_pages_are_compressed_for_browsers_that_can(anybody):
    plain = anybody.get("/console/")
    packed = anybody.get("/console/", Accept_Encoding="br, gzip")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
    assert (
        "Content-Encoding" not in anybody.get("/console/parts/domains", Accept_Encoding="x").headers
    )


@pytest.mark.usefixtures("domain")
def test_a_domain_that_goes_while_the_list_is_made_is_shown_without_numbers(make_console, invoke):
    def losing(name, parameters, caller):
        if name == "GetDomain":
            raise ResourceNotFound("It is gone")
        return invoke(name, parameters, caller)

    home = Visitor(make_console(auth="open", invoke=losing)).get("/console/")

    assert home.status_code == 200
    assert '<td class="number">—</td>' in home.text


@pytest.mark.parametrize(
    ("status", "words"),
    [("ACTIVE", "On"), ("IN_PROGRESS", "On, still going through old profiles")],
)
def test_how_far_rules_are_is_said_in_words(status, words):
    assert rules_in_words({"RuleBasedMatching": {"Enabled": True, "Status": status}}) == words
    assert rules_in_words({}) == "Off"


def test_matching_is_said_in_words():
    assert matching_in_words({}) == "Off"
    assert matching_in_words({"Matching": {"Enabled": True}}) == "On"


def test_what_frameworks_say_is_said_plainly():
    broken = (
        "2 validation errors detected: Value 'a b' at 'domainName' failed to satisfy constraint: "
    )
    two = (
        f"{broken}Member must be short; Value at 'days' failed to satisfy constraint: Member must"
        " not be null"
    )

    assert plainly(BadRequest(two)) == "domainName: must be short; days: must not be null"
    assert plainly(BadRequest("The request is not valid: no")) == "no"
    assert plainly(BadRequest("1 validation error detected: else")) == (
        "1 validation error detected: else"
    )


def test_nothing_is_asked_for_somebody_whom_nobody_knows(console):
    with console.test_request_context("/console/"):
        request = Request(id="r", address=None, is_secure=False)
        g.visit = Visit(request=request, token="t", has_new_token=True, person=None)
        with pytest.raises(AccessDenied):
            ask("ListDomains")
