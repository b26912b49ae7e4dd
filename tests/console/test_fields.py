"""The quality of fields, as people at a browser see it."""

import re

from openprofiles.console.pages import fields
from openprofiles.features.insight import quality
from tests.console.conftest import signed_in
from tests.console.duplicating import ANNA, ANNA_AGAIN, BELA

ALL_BUT_SEARCH = """{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "profile:Get*", "Resource": "*"}]}"""


def path(street) -> str:
    return f"{street.path}/insight/fields"


def test_a_domain_without_profiles_says_how_it_begins(anybody, street):
    page = anybody.get(path(street)).text

    assert "There is no profile to look at yet" in page
    assert f'href="{street.path}/imports"' in page


def test_each_field_is_shown_with_its_shapes(anybody, street):
    street.settle(ANNA, ANNA_AGAIN, BELA)

    page = anybody.get(path(street)).text

    assert "66.7 %" in page
    assert "<code>999-999-9999</code>" in page
    assert "Attributes.tier" in page
    assert "No profile that was looked at has:" in page
    assert "A sample" not in page


def test_a_large_domain_is_measured_once_the_page_is_there(anybody, street, monkeypatch):
    monkeypatch.setattr(fields, "AT_ONCE", 1)
    monkeypatch.setattr(quality, "SAMPLE", 2)
    street.settle(ANNA, ANNA_AGAIN, BELA)

    waiting = anybody.get(path(street)).text
    [there] = re.findall(r'hx-get="([^"]+)" hx-trigger="load"', waiting)
    measured = anybody.get(there).text

    assert "Looking into 3 profiles" in waiting
    assert 'id="measured"' in measured
    assert "Looking into" not in measured


def test_a_sample_says_what_it_is(anybody, street, monkeypatch):
    monkeypatch.setattr(quality, "SAMPLE", 10)
    street.settle(*[{"LastName": f"Berg {number}"} for number in range(24)])

    page = anybody.get(path(street)).text

    assert "A sample: one profile in 4" in page


def test_values_are_for_those_who_may_search(visitor, keys, street):
    street.settle(*[{"LastName": "Mustermann"}] * 4)
    reader = signed_in(visitor, keys.make(PolicyDocument=ALL_BUT_SEARCH))

    page = reader.get(path(street)).text

    assert "Frequent values are shown to people who may search" in page
    assert "mustermann" not in page.lower()


def test_who_may_only_look_sees_frequent_values(visitor, keys, street):
    street.settle(*[{"LastName": "Mustermann"}] * 4)

    page = signed_in(visitor, keys.make("read-only")).get(path(street)).text

    assert "mustermann" in page
