"""Object types: the list, templates, one type, the editor."""

from typing import Any

from tests.console.browser.places.place import Names, Place, World

PLACES = (
    Place("/domains/<domain_name>/object-types"),
    Place("/domains/<domain_name>/object-types/<name>"),
    Place("/domains/<domain_name>/object-types/<name>/edit"),
    Place("/domains/<domain_name>/new-object-type"),
    Place("/domains/<domain_name>/object-type-templates"),
    Place("/domains/<domain_name>/object-type-templates/<template_id>"),
)
FIELDS: dict[str, Any] = {
    "id": {"Source": "_source.id"},
    "mail": {"Source": "_source.mail", "Target": "_profile.EmailAddress"},
    "order": {"Source": "_source.order", "Target": "_order.Name"},
}
KEYS: dict[str, Any] = {
    "customer": [{"StandardIdentifiers": ["UNIQUE", "PROFILE", "ORDER"], "FieldNames": ["id"]}]
}


def furnish(world: World) -> Names:
    """A type with an object, and one of a template."""
    world.client.put_profile_object_type(
        DomainName=world.domain,
        ObjectTypeName="Customer",
        Description="Customers of the shop",
        Fields=FIELDS,
        Keys=KEYS,
        AllowProfileCreation=True,
        Tags={"team": "care"},
    )
    world.client.put_profile_object_type(
        DomainName=world.domain, ObjectTypeName="Help", Description="x", TemplateId="Zendesk-users"
    )
    world.client.put_profile_object(
        DomainName=world.domain, ObjectTypeName="Customer", Object='{"id": "1", "mail": "a@b.c"}'
    )
    return {"domain_name": world.domain, "name": "Customer", "template_id": "Shopify-Order"}
