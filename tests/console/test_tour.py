"""Where the pages are that pictures are taken of and that are measured, on the demo."""

import pytest

from scripts.tour import address_of
from tests.console.browser.places.place import Place

FOUND = {
    "/domains/<domain_name>/merges/<merge_id>": "/console/domains/shop/merges/m-1",
    "/domains/<domain_name>/connections/one": "/console/domains/shop/connections/one?name=tills",
    "/domains/<domain_name>/customers": "/console/domains/shop/customers?q=ada",
    "/jobs": "/console/jobs",
}


@pytest.mark.parametrize(
    ("rule", "query", "address"),
    [
        ("/jobs", "", "/console/jobs"),
        ("/jobs", "?domain={domain_name}", "/console/jobs?domain=shop"),
        ("/jobs", "?merged={merge_id}", "/console/jobs?merged=m-1"),
        (
            "/domains/<domain_name>/connections/one",
            "?name={connection}",
            "/console/domains/shop/connections/one?name=tills",
        ),
        ("/domains/<domain_name>/customers", "?q=bo", "/console/domains/shop/customers?q=bo"),
    ],
)
def test_a_place_is_where_links_of_the_demo_lead(rule, query, address):
    assert address_of(Place(rule, query), FOUND) == address


@pytest.mark.parametrize(("rule", "query"), [("/health", ""), ("/jobs", "?of={run_id}")])
def test_a_place_that_the_demo_does_not_have_is_nowhere(rule, query):
    assert address_of(Place(rule, query), FOUND) is None
