"""What tests of profiles share: a domain in a hand, with short words for what is done to it."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from openprofiles.core.clock import system_clock
from openprofiles.features import domains, object_types, profiles
from openprofiles.features.context import Context
from tests.opened import read_rows

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

    from openprofiles.core.operation import Caller
    from openprofiles.core.settings import Settings
    from openprofiles.storage.database import Database, Transaction


@dataclass(frozen=True)
class World:
    """A fresh domain, and a real boto3 client to work in it."""

    client: "CustomerProfilesClient"
    name: str

    def define(
        self,
        type_name: str,
        fields: dict[str, str | tuple[str, ...]],
        keys: dict[str, Any],
        *,
        creates: bool = True,
        **members: Any,
    ) -> None:
        """Define a type. A field is `target` or `(target, content type[, source])`, its source by
        default its name.

        A key is `[identifiers…]` over the field of the key's name without underscore, or
        `(identifiers, fields)`, or a list of such pairs.
        """
        self.client.put_profile_object_type(
            DomainName=self.name,
            ObjectTypeName=type_name,
            Description=type_name,
            AllowProfileCreation=creates,
            Fields={name: cast("Any", _field(name, given)) for name, given in fields.items()},
            Keys={name: cast("Any", _key(name, given)) for name, given in keys.items()},
            **members,
        )

    def put(self, type_name: str, content: dict[str, Any]) -> str:
        """Put an object; its unique key."""
        return self.client.put_profile_object(
            DomainName=self.name, ObjectTypeName=type_name, Object=json.dumps(content)
        )["ProfileObjectUniqueKey"]

    def search(self, key: str, *values: str, **more: Any) -> list[dict[str, Any]]:
        """The profiles found, without FoundByItems."""
        answer = self.client.search_profiles(
            DomainName=self.name, KeyName=key, Values=list(values), **more
        )
        return [
            {name: value for name, value in item.items() if name != "FoundByItems"}
            for item in answer["Items"]
        ]

    def only(self, key: str, *values: str) -> dict[str, Any]:
        """The one profile with a key value."""
        (found,) = self.search(key, *values)
        return found

    def create(self, **fields: Any) -> str:
        """Create a profile; its id."""
        return self.client.create_profile(DomainName=self.name, **fields)["ProfileId"]

    def update(self, profile_id: str, **fields: Any) -> None:
        """Update a profile."""
        self.client.update_profile(DomainName=self.name, ProfileId=profile_id, **fields)

    def get(self, profile_id: str) -> dict[str, Any]:
        """A profile by its id."""
        return self.only("_profileId", profile_id)

    def objects(self, type_name: str, profile_id: str, **more: Any) -> list[dict[str, Any]]:
        """The contents of a profile's objects of a type, in the order of the list."""
        return [json.loads(item["Object"]) for item in self.items(type_name, profile_id, **more)]

    def items(self, type_name: str, profile_id: str, **more: Any) -> list[dict[str, Any]]:
        """The items of ListProfileObjects."""
        answer = self.client.list_profile_objects(
            DomainName=self.name, ObjectTypeName=type_name, ProfileId=profile_id, **more
        )
        return [dict(item) for item in answer["Items"]]

    def stats(self) -> dict[str, Any]:
        """GetDomain.Stats."""
        return dict(self.client.get_domain(DomainName=self.name)["Stats"])


def _field(name: str, given: str | tuple[str, ...]) -> dict[str, str]:
    target, content_type, source = (*((given,) if isinstance(given, str) else given), "", "")[:3]
    members = {
        "Source": source or f"_source.{name}",
        "Target": target,
        "ContentType": content_type,
    }
    return {member: value for member, value in members.items() if value}


def _key(name: str, given: Any) -> list[dict[str, Any]]:
    if isinstance(given, tuple):
        given = [given]
    if all(isinstance(part, str) for part in given):
        given = [(given, [name.removeprefix("_")])]
    return [
        {"StandardIdentifiers": list(identifiers), "FieldNames": list(fields)}
        for identifiers, fields in given
    ]


@pytest.fixture
def world(client: "CustomerProfilesClient", domain: str) -> World:
    """A fresh domain to work in."""
    return World(client, domain)


@pytest.fixture
def rejections(database: Any, domain: str) -> Any:
    """A function that lists the domain's rejected objects: (object type, content, reason)."""

    def rejected() -> list[tuple[str, Any, str]]:
        with database.reading() as transaction:
            rows = read_rows(
                transaction,
                domain,
                "rejected_objects",
                "rejection_id, object_type, document, reason",
            )
        return [
            (object_type, json.loads(document), reason) for _, object_type, document, reason in rows
        ]

    return rejected


@pytest.fixture
def ingest(database: "Database", settings: "Settings", caller: "Caller", domain: str) -> Any:
    """A function that ingests a batch of any size, as imports do: (type, contents) -> results."""

    def ingest_all(type_name: str, contents: list[dict[str, Any]]) -> list[str]:
        def work(transaction: "Transaction") -> list[str]:
            context = Context(
                transaction=transaction, caller=caller, settings=settings, now=system_clock()
            )
            place = domains.require_for_write(context, domain)
            mapping = object_types.require_mapping(context, place, type_name)
            documents = [profiles.read_document(json.dumps(content)) for content in contents]
            outcomes = profiles.ingest(context, place, mapping, documents, keeps_refused=True)
            return [outcome.result for outcome in outcomes]

        return database.run(work, is_bulk=True)

    return ingest_all
