"""Vendors whose answers have something else in some place: connectors give pages or raise
SourceErrors, nothing else, and come to an end.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from random import Random
from typing import Any

import pytest

from openprofiles.connectors import Connector, Pull, SourceError
from tests.connectors import (
    test_marketo,
    test_salesforce,
    test_servicenow,
    test_shopify,
    test_zendesk,
)
from tests.connectors.fakes.marketo import FakeMarketo
from tests.connectors.fakes.salesforce import FakeSalesforce
from tests.connectors.fakes.server import Answer, FakeVendor, Request
from tests.connectors.fakes.servicenow import FakeServiceNow
from tests.connectors.fakes.shopify import FakeShopify
from tests.connectors.fakes.zendesk import FakeZendesk

SEEDS = 20
MOST_REQUESTS = 300
OTHERS: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x",
    "0001-01-01T00:00:00+10:00",
    "2026-05-01T08:00:00Z",
    [],
    [None],
    {},
    {"a": 1},
]


class TooMany(Exception):
    """A connector does not come to an end."""


def mangled(document: Any, random: Random) -> Any:
    """`document` with something else in one place, or without what was there."""
    document = copy.deepcopy(document)
    places: list[tuple[Any, Any]] = []

    def gather(node: Any) -> None:
        keys: list[Any] = []
        if isinstance(node, dict):
            keys = list(node)
        elif isinstance(node, list):
            keys = list(range(len(node)))
        for key in keys:
            places.append((node, key))
            gather(node[key])

    gather(document)
    if not places or random.random() < 0.1:
        return random.choice(OTHERS)
    # Few are near the root, where most is decided.
    node, key = random.choice(places[:8] if random.random() < 0.5 else places)
    if isinstance(node, dict) and random.random() < 0.2:
        del node[key]
    else:
        node[key] = random.choice(OTHERS)
    return document


def salesforce(vendor: Any) -> tuple[Connector, list[Pull]]:
    for number in range(5):
        test_salesforce.put(vendor, number, BillingAddress={"street": "s"})
    return test_salesforce.opened(vendor), [test_salesforce.PULL]


def servicenow(vendor: Any) -> tuple[Connector, list[Pull]]:
    for number in range(5):
        test_servicenow.put(vendor, number, opened_by="5" * 32)
    return test_servicenow.opened(vendor), [test_servicenow.TASKS]


def zendesk(vendor: Any) -> tuple[Connector, list[Pull]]:
    vendor.page = 3
    pulls = [test_zendesk.TICKETS, test_zendesk.ORGANIZATIONS]
    for pull in pulls:
        for number in range(5):
            test_zendesk.put(vendor, pull.object_name, number, second=number)
    return test_zendesk.opened(vendor), pulls


def marketo(vendor: Any) -> tuple[Connector, list[Pull]]:
    for number in range(5):
        test_marketo.put(vendor, number)
    vendor.now = test_marketo.START
    return test_marketo.opened(vendor), [test_marketo.PULL]


def shopify(vendor: Any) -> tuple[Connector, list[Pull]]:
    for number in range(5):
        test_shopify.put(vendor, "customers", number)
        items = [test_shopify.line_item(place, "1.00", 1) for place in range(25)]
        test_shopify.put(vendor, "orders", number, **test_shopify.order(lineItems=items))
    return test_shopify.opened(vendor), [test_shopify.CUSTOMERS, test_shopify.ORDERS]


VENDORS: list[tuple[type[FakeVendor], Callable[[Any], tuple[Connector, list[Pull]]]]] = [
    (FakeSalesforce, salesforce),
    (FakeServiceNow, servicenow),
    (FakeZendesk, zendesk),
    (FakeMarketo, marketo),
    (FakeShopify, shopify),
]


@contextmanager
def mangling(vendor: FakeVendor, random: Random) -> Iterator[None]:
    """Half of the answers that are JSON are others; the test ends one that never ends."""
    start = len(vendor.requests)

    def mangle(_: Request, answer: Answer) -> Answer:
        if len(vendor.requests) - start > MOST_REQUESTS:
            return Answer({"error": "too many"}, 418)
        if isinstance(answer.body, bytes) or random.random() < 0.5:
            return answer
        return Answer(mangled(answer.body, random), answer.status, answer.headers)

    vendor.mangle = mangle
    yield
    vendor.mangle = None
    if len(vendor.requests) - start > MOST_REQUESTS:
        raise TooMany


@pytest.mark.parametrize(("kind", "fill"), VENDORS, ids=lambda each: each.__name__)
def test_mangled_answers_are_source_errors_at_most(kind, fill):
    with kind() as vendor:
        for seed in range(SEEDS):
            random = Random(seed)
            connector, pulls = fill(vendor)
            reads = [partial(read, connector, pull) for pull in pulls]
            for action in (connector.check, connector.objects, *reads):
                with mangling(vendor, random), suppress(SourceError):
                    action()
            connector.close()


def read(connector: Connector, pull: Pull) -> None:
    for page in connector.read(pull):
        json.dumps(page.bookmark)
