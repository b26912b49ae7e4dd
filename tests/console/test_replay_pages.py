"""Replays: a dry run, then for real."""

import pytest

from openprofiles.console.pages import object_type_names
from openprofiles.features import replays
from tests.console.data_in import CUSTOMER, Shop


@pytest.fixture
def shop(client, domain, invoke, caller) -> Shop:
    """A shop with customers whose type has changed since."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    found.put("Customer", id="1", name="Ann", mail="ann@example.com")
    found.put("Customer", id="2", name="Bob")
    fields = {**CUSTOMER["Fields"]}
    fields["name"] = {"Source": "_source.name", "Target": "_profile.LastName"}
    client.put_profile_object_type(
        DomainName=domain,
        ObjectTypeName="Customer",
        Description="Customers",
        **{**CUSTOMER, "Fields": fields},
    )
    return found


def begin(visitor, shop, how, object_type="Customer"):
    base = f"/console/domains/{shop.name}/replays"
    return visitor.post(base, on=base, type=object_type, how=how)


def work(shop, location) -> None:
    replays.run(shop.invoke, shop.caller, shop.name, location.rpartition("/")[2])


def test_a_domain_without_replays_says_what_they_are_for(anybody, domain, client, invoke, caller):
    here = f"/console/domains/{domain}/replays"
    without_types = anybody.get(here).text
    Shop(client, domain, invoke, caller).define()

    assert "The domain has no object type yet." in without_types
    assert "See what would change" in anybody.get(here).text


def test_a_dry_run_says_what_would_change_and_is_done_for_real_then(anybody, shop):
    dry = begin(anybody, shop, "dry")
    running = anybody.get(dry.location).text
    work(shop, dry.location)
    seen = anybody.get(dry.location).text
    real = begin(anybody, shop, "real")
    work(shop, real.location)
    done = anybody.get(real.location).text
    listed = anybody.get(f"/console/domains/{shop.name}/replays").text

    assert 'hx-trigger="every 1s"' in running
    assert "Do it for real" not in running
    assert "Fields that change" in seen
    assert "LastName" in seen
    assert "Do it for real" in seen
    assert "For real" in done
    assert listed.count("/replays/") >= 2
    assert "for real" in listed


def test_one_of_the_other_kind_must_end_first(anybody, shop):
    begin(anybody, shop, "dry")
    refused = begin(anybody, shop, "real")

    assert refused.location.endswith("/replays?type=Customer")
    assert "has not ended: stop it first." in anybody.get(refused.location).text


def test_a_replay_is_stopped(anybody, shop):
    here = begin(anybody, shop, "real").location
    stopped = anybody.post(f"{here}/stop", on=here)

    assert "What it has done stays." in anybody.get(stopped.location).text
    assert ">stopped</span>" in anybody.get(here).text


def test_a_replay_of_a_type_that_changed_says_why_it_failed(anybody, shop):
    here = begin(anybody, shop, "dry").location
    shop.define()
    work(shop, here)

    assert "The object type changed meanwhile" in anybody.get(here).text


def test_objects_that_cannot_be_mapped_are_counted(anybody, shop):
    fields = {**CUSTOMER["Fields"], "id": {"Source": "_source.gone"}}
    shop.client.put_profile_object_type(
        DomainName=shop.name,
        ObjectTypeName="Customer",
        Description="Customers",
        **{**CUSTOMER, "Fields": fields},
    )
    here = begin(anybody, shop, "dry").location
    work(shop, here)

    assert "Objects that cannot be mapped" in anybody.get(here).text


def test_types_are_listed_page_by_page(anybody, shop, monkeypatch):
    monkeypatch.setattr(object_type_names, "AT_ONCE", 1)
    page = anybody.get(f"/console/domains/{shop.name}/replays").text
    monkeypatch.setattr(object_type_names, "MOST", 1)
    first = anybody.get(f"/console/domains/{shop.name}/replays").text

    assert '<option value="Order">' in page
    assert '<option value="Order">' not in first
