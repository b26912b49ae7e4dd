"""Any history of puts, updates and deletes keeps every invariant: property tests by boto3."""

import json
import uuid
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprofiles.features.profiles.provenance import decode
from tests.features.profiles.conftest import World
from tests.features.profiles.consistency import check_domain
from tests.opened import read_rows

values = st.sampled_from(["", "a", "b", "c"])
contents = st.fixed_dictionaries(
    {"id": values, "account": values, "mail": values, "serial": values, "name": values}
)
puts = st.tuples(st.just("put"), st.sampled_from(["Strong", "Weak", "Ticket"]), contents)
batches = st.tuples(
    st.just("batch"), st.sampled_from(["Strong", "Ticket"]), st.lists(contents, max_size=10)
)
creations = st.tuples(st.just("create"), values, values)
updates = st.tuples(st.just("update"), st.integers(0, 3), values)
added_keys = st.tuples(st.just("add"), st.integers(0, 3), values)
deletions = st.tuples(st.just("delete"), st.integers(0, 3), st.booleans())
acts = st.one_of(puts, puts, batches, creations, updates, added_keys, deletions)

PROMISED = {"BadRequestException", "ResourceNotFoundException"}
RECORD_FIELDS = {"serial": "_asset.SerialNumber", "name": "_asset.AssetName"}
KEYS = {
    "_account": (["PROFILE"], ["account"]),
    "_email": (["PROFILE", "SECONDARY", "LOOKUP_ONLY"], ["mail"]),
}


def define_types(world: World) -> None:
    """Three types that share keys: one with priority and records, one weak, one that infers."""
    fields: dict[str, str | tuple[str, ...]] = {
        "id": "",
        "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
    }
    world.define(
        "Strong",
        {**fields, **RECORD_FIELDS, "account": "_profile.AccountNumber"},
        {**KEYS, "strong": (["UNIQUE"], ["id"]), "serial": ["ASSET"]},
        SourcePriority=1,
    )
    world.define(
        "Weak",
        {**fields, "account": "_profile.AccountNumber", "name": "_profile.FirstName"},
        {**KEYS, "weak": (["UNIQUE"], ["id"]), "name": []},
        creates=False,
    )
    world.define(
        "Ticket",
        {"id": "", "mail": ("", "EMAIL_ADDRESS")},
        {
            "_email": (["PROFILE", "LOOKUP_ONLY"], ["mail"]),
            "ticketMail": (["PROFILE", "SECONDARY", "NEW_ONLY"], ["mail"]),
            "ticket": (["UNIQUE"], ["id", "mail"]),
        },
    )


class History:
    """Does acts in a domain, tolerating the refusals that the API promises."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.profiles: list[str] = []
        self.unique_keys: list[tuple[str, str]] = []

    def do(self, act: tuple[Any, ...]) -> None:
        try:
            getattr(self, act[0])(*act[1:])
        except ClientError as error:
            if error.response["Error"]["Code"] not in PROMISED:
                raise

    def put(self, type_name: str, content: dict[str, str]) -> None:
        self.unique_keys.append((type_name, self.world.put(type_name, content)))

    def batch(self, type_name: str, contents: list[dict[str, str]]) -> None:
        if contents:
            self.world.client.batch_put_profile_object(
                DomainName=self.world.name,
                ObjectTypeName=type_name,
                Items=[
                    {"Id": str(place), "Object": json.dumps(content)}
                    for place, content in enumerate(contents)
                ],
            )

    def create(self, account: str, mail: str) -> None:
        given = {"AccountNumber": account, "EmailAddress": mail}
        fields = {member: value for member, value in given.items() if value}
        self.profiles.append(self.world.create(**fields))

    def update(self, place: int, account: str) -> None:
        if place < len(self.profiles):
            self.world.update(self.profiles[place], AccountNumber=account)

    def add(self, place: int, value: str) -> None:
        if place < len(self.profiles) and value:
            self.world.client.add_profile_key(
                DomainName=self.world.name,
                ProfileId=self.profiles[place],
                KeyName="_email",
                Values=[value],
            )

    def delete(self, place: int, whole_profile: bool) -> None:
        if whole_profile and place < len(self.profiles):
            profile_id = self.profiles.pop(place)
            self.world.client.delete_profile(DomainName=self.world.name, ProfileId=profile_id)
        elif not whole_profile and place < len(self.unique_keys):
            type_name, unique_key = self.unique_keys[place]
            for profile in self.world.search("_account", "a", "b", "c"):
                self.world.client.delete_profile_object(
                    DomainName=self.world.name,
                    ProfileId=profile["ProfileId"],
                    ObjectTypeName=type_name,
                    ProfileObjectUniqueKey=unique_key,
                )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(history=st.lists(acts, max_size=25))
def test_any_history_leaves_every_row_explained_by_the_others(client, database, history):
    world = World(client, f"history-{uuid.uuid4().hex}")
    client.create_domain(DomainName=world.name, DefaultExpirationDays=1)
    define_types(world)
    story = History(world)

    for act in history:
        story.do(act)

    check_domain(database, world.name)
    client.delete_domain(DomainName=world.name)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(contents=st.lists(contents, min_size=1, max_size=10))
def test_a_batch_ends_as_its_objects_one_by_one_would(client, database, contents):
    worlds = []
    for way in ("single", "batch"):
        world = World(client, f"{way}-{uuid.uuid4().hex}")
        client.create_domain(DomainName=world.name, DefaultExpirationDays=1)
        define_types(world)
        worlds.append(world)
    single, batch = worlds

    for content in contents:
        History(single).do(("put", "Strong", content))
    History(batch).do(("batch", "Strong", contents))

    assert picture(database, single.name) == picture(database, batch.name)


def picture(database: Any, name: str) -> list[Any]:
    """A domain's profiles without ids and times: fields, where each came from, objects, keys."""
    check_domain(database, name)
    with database.reading() as transaction:

        def read(table: str, columns: str) -> list[Any]:
            return read_rows(transaction, name, table, columns)

        profiles = read("profiles", "profile_id, fields, provenance, created_at")
        objects = read(
            "profile_objects", "profile_id, written_id, object_type, unique_key, document"
        )
        keys = read("profile_keys", "profile_id, key_name, value, owner_id")
        records = read("standard_records", "profile_id, written_id, record_id, fields")
    return sorted(
        (
            sorted(fields.items()),
            sorted((path, write.source) for path, write in decode(origins, fields).items()),
            [document for owner, *_, document in objects if owner == profile_id],
            sorted(
                f"{key_name}={value}"
                for owner, key_name, value, _ in keys
                if owner == profile_id and key_name not in ("_profileId", "_assetId")
            ),
            [sorted(fields.items()) for owner, *_, fields in records if owner == profile_id],
        )
        for profile_id, fields, origins, _ in profiles
    )
