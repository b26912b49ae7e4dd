"""Connections: made by kind, tested with one press, and secrets never shown again."""

import pytest

from tests.console.conftest import signed_in
from tests.console.data_in import Shop
from tests.console.visiting import Visitor

SECRET = "hush-hush-hush"


@pytest.fixture
def shop(client, domain, invoke, caller) -> Shop:
    """A shop."""
    return Shop(client, domain, invoke, caller)


def fill_in(visitor, shop, kind="S3", **form):
    here = f"/console/domains/{shop.name}/connections/new/{kind}"
    return visitor.post(here, on=here, **form)


def test_kinds_are_offered_with_what_each_needs(anybody, shop):
    base = f"/console/domains/{shop.name}/connections"
    empty = anybody.get(base).text
    kinds = anybody.get(f"{base}/new").text
    form = anybody.get(f"{base}/new/Salesforce").text

    assert "There is no connection yet" in empty
    assert "Zendesk" in kinds
    assert 'name="setting:client_secret" type="password"' not in kinds
    assert 'name="setting:client_secret"' in form
    assert 'type="password"' in form
    assert anybody.get(f"{base}/new/Nothing").status_code == 404


def test_a_connection_is_made_tested_and_its_secret_is_never_shown(anybody, shop, tmp_path):
    (tmp_path / "drop" / "customers").mkdir(parents=True)
    settings = {
        "setting:url": f"file://{tmp_path}",
        "setting:bucket_name": "drop",
        "setting:secret_access_key": SECRET,
    }
    made = fill_in(anybody, shop, name="team/drop", **settings)
    page = anybody.get(made.location).text
    tested = anybody.post(
        f"/console/domains/{shop.name}/connections/test", on=made.location, name="team/drop"
    )
    form = anybody.get(f"/console/domains/{shop.name}/connections/new/S3?name=team/drop").text

    assert "Connection team/drop is kept. Test it now." in page
    assert f"file://{tmp_path}" in page
    assert "The source lets us in." in tested.text
    assert "customers" in tested.text
    assert "Replace the connection" in form
    assert SECRET not in page + tested.text + form
    assert "team/drop" in anybody.get(f"/console/domains/{shop.name}/connections").text


def test_a_source_that_cannot_be_reached_is_said(anybody, shop, tmp_path):
    made = fill_in(
        anybody,
        shop,
        name="gone",
        **{"setting:url": f"file://{tmp_path}", "setting:bucket_name": "no/such"},
    )
    tested = anybody.post(
        f"/console/domains/{shop.name}/connections/test", on=made.location, name="gone"
    )

    assert tested.status_code == 422
    assert "The source does not let us in." in tested.text


def test_a_connection_that_cannot_be_made_leaves_what_was_typed(anybody, shop):
    lacking = fill_in(anybody, shop, "Salesforce", name="crm", **{"setting:client_secret": SECRET})
    shop.ask("PutConnection", Name="taken", Kind="S3", Settings={})
    taken = fill_in(anybody, shop, name="taken", **{"setting:region": "eu-west-1"})

    assert lacking.status_code == taken.status_code == 422
    assert "Salesforce needs instance_url" in lacking.text
    assert SECRET not in lacking.text
    assert "There is a connection of this name already" in taken.text
    assert 'value="eu-west-1"' in taken.text


def test_a_connection_is_replaced_and_deleted(anybody, shop):
    shop.ask("PutConnection", Name="one", Kind="S3", Settings={"region": "us-east-1"})
    replaced = fill_in(anybody, shop, name="one", replaces="yes", **{"setting:region": "eu-west-1"})
    wrong = fill_in(anybody, shop, name="one", replaces="yes", **{"setting:url": "ftp://x"})
    deleted = anybody.post(
        f"/console/domains/{shop.name}/connections/delete", on=replaced.location, name="one"
    )

    assert "Change one" in wrong.text
    assert "is forgotten, with its secrets." in anybody.get(deleted.location).text
    assert anybody.get(replaced.location).status_code == 404


def test_a_connection_of_a_kind_that_is_gone_is_still_shown(anybody, shop, database):
    shop.ask("PutConnection", Name="old", Kind="S3", Settings={"region": "us-east-1"})
    database.run(
        lambda transaction: transaction.send(
            "update source_connections set kind = 'Gone' where name = 'old'"
        )
    )

    page = anybody.get(f"/console/domains/{shop.name}/connections/one?name=old")

    assert page.status_code == 200
    assert "Gone" in page.text


def test_who_may_only_look_is_offered_nothing_else(console, keys, shop):
    viewer = signed_in(Visitor(console), keys.make("read-only"))

    assert "Make the first one" not in viewer.get(f"/console/domains/{shop.name}/connections").text
