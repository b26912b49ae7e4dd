"""Finding customers, and one of them whole."""

import json

from tests.console.browser.places.place import Names, Place, World

PLACES = (
    Place("/domains/<domain_name>/customers"),
    Place("/domains/<domain_name>/customers", query="?q=lovelace"),
    Place("/domains/<domain_name>/customers", query="?q=nobody"),
    Place("/domains/<domain_name>/customers/<profile_id>"),
    Place("/domains/<domain_name>/customers/<profile_id>/sections/<section_id>/edit"),
    Place("/domains/<domain_name>/customers/<profile_id>/field", query="?path=FirstName"),
    Place("/domains/<domain_name>/customers/<profile_id>/activity"),
    Place("/domains/<domain_name>/customers/<profile_id>/activity/<record_id>"),
    Place("/domains/<domain_name>/customers/<profile_id>/objects/<type_name>"),
    Place("/domains/<domain_name>/customers/<profile_id>/graph"),
    Place("/domains/<domain_name>/customers/<profile_id>/erase"),
    Place("/domains/<domain_name>/customers/erasures/<erasure_id>"),
)

FIELDS = {
    "id": {"Source": "_source.id"},
    "mail": {"Source": "_source.mail", "Target": "_profile.EmailAddress"},
    "first": {"Source": "_source.first", "Target": "_profile.FirstName"},
    "last": {"Source": "_source.last", "Target": "_profile.LastName"},
    "number": {"Source": "_source.number", "Target": "_order.Name"},
    "total": {"Source": "_source.total", "Target": "_order.TotalPrice"},
}
KEYS = {
    "orderNumber": [{"StandardIdentifiers": ["ORDER", "UNIQUE"], "FieldNames": ["number"]}],
    "shopId": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["id"]}],
}


def furnish(world: World) -> Names:
    """A customer with orders, who was edited and merged; and a receipt of one who was erased."""
    client, name = world.client, world.domain
    client.put_profile_object_type(
        DomainName=name,
        ObjectTypeName="Shop",
        Description="Orders of the shop",
        AllowProfileCreation=True,
        Fields=FIELDS,  # type: ignore[arg-type]
        Keys=KEYS,  # type: ignore[arg-type]
    )
    order = {"id": "7", "mail": "ada@example.org", "first": "Ada", "last": "Lovelace"}
    for number in range(3):
        placed = {**order, "number": f"SO-{number}", "total": f"{number}.50 EUR"}
        client.put_profile_object(DomainName=name, ObjectTypeName="Shop", Object=json.dumps(placed))
    found = client.search_profiles(DomainName=name, KeyName="shopId", Values=["7"])["Items"]
    profile_id = found[0]["ProfileId"]
    client.update_profile(
        DomainName=name,
        ProfileId=profile_id,
        PhoneNumber="+12063457890",
        Address={"City": "London", "Country": "GB"},
        Attributes={"tier": "gold"},
    )
    other = client.create_profile(DomainName=name, FirstName="Ada")["ProfileId"]
    client.merge_profiles(DomainName=name, MainProfileId=profile_id, ProfileIdsToBeMerged=[other])
    gone = client.create_profile(DomainName=name, FirstName="Gone")["ProfileId"]
    receipt = world.invoke("EraseProfile", {"DomainName": name, "ProfileIds": [gone]}, world.caller)
    records = client.list_profile_history_records(DomainName=name, ProfileId=profile_id)
    return {
        "domain_name": name,
        "profile_id": profile_id,
        "other_id": other,
        "section_id": "person",
        "record_id": records["ProfileHistoryRecords"][-1]["Id"],
        "type_name": "Shop",
        "erasure_id": receipt["ErasureId"],
    }
