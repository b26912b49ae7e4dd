"""What tests of merges share: merging in a word, and the rows of a domain to compare."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from openprofiles.core.clock import system_clock
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.profiles import provenance
from tests.features.profiles.conftest import World
from tests.opened import read_rows


@dataclass(frozen=True)
class Merging:
    """Merges in a world, by the API and by the front door."""

    world: World
    run: Callable[..., Any]

    def merge(self, main_id: str, *merged_ids: str, **sources: Any) -> None:
        """MergeProfiles; `sources` are FieldSourceProfileIds."""
        more: dict[str, Any] = {"FieldSourceProfileIds": sources} if sources else {}
        answer = self.world.client.merge_profiles(
            DomainName=self.world.name,
            MainProfileId=main_id,
            ProfileIdsToBeMerged=list(merged_ids),
            **more,
        )
        assert answer["Message"] == "Success!"

    def by_rule(self, main_id: str, *merged_ids: str, **resolution: Any) -> profiles.Merge | None:
        """Merge as a rule does, by default the newest value wins."""
        merged: profiles.Merge | None = self.run(
            profiles.merge,
            main_id,
            merged_ids,
            resolution=profiles.Resolution(**(resolution or {"model": "RECENCY"})),
            cause=profiles.MergeCause("rule", {"level": 2}),
        )
        return merged


@pytest.fixture
def merging(world: World, database: Any, settings: Any, caller: Any) -> Merging:
    """Merges in the world of the test."""
    return Merging(world, runner(database, settings, caller, world.name))


def runner(database: Any, settings: Any, caller: Any, name: str) -> Callable[..., Any]:
    """A function that calls a function of the front door in a transaction of its own."""

    def run(function: Callable[..., Any], *arguments: Any, owns: bool = False, **named: Any) -> Any:
        def work(transaction: Any) -> Any:
            context = Context(
                transaction=transaction, caller=caller, settings=settings, now=system_clock()
            )
            reach = domains.own if owns else domains.require_for_write
            return function(context, reach(context, name), *arguments, **named)

        return database.run(work)

    return run


TABLES = {
    "profiles": "profile_id, fields, provenance, added_keys, object_counts, object_bytes, "
    "created_at, written_at, written_on",
    "profile_keys": "key_name, value, profile_id, owner_id",
    "profile_objects": "object_type, unique_key, profile_id, written_id, document, size, keys, "
    "records, source_time, ingested_at, expires_at",
    "standard_records": "record_type, record_id, profile_id, written_id, fields, provenance, "
    "fed_by, created_at, written_at",
    "record_keys": "record_type, key_name, value, profile_id, record_id, owner_id",
}


def rows_of(database: Any, name: str) -> dict[str, Any]:
    """All rows of a domain's profiles and what they hold, and its statistics."""
    picture: dict[str, Any] = {}
    with database.reading() as transaction:
        for table, columns in TABLES.items():
            rows = read_rows(transaction, name, table, columns)
            picture[table] = [_comparable(columns, row) for row in rows]
        picture["counts"] = transaction.rows(
            "select sum(profiles), sum(metering_profiles), sum(objects), sum(bytes) "
            "from domain_counts join domains using (domain_id) where name = %s",
            [name],
        )
    return picture


def _comparable(columns: str, row: tuple[Any, ...]) -> dict[str, Any]:
    """A row by its columns; provenance says the same whatever the order of its writes."""
    named = dict(zip(columns.split(", "), row, strict=True))
    if "provenance" in named:
        named["provenance"] = provenance.decode(named["provenance"], named["fields"])
    return named


@dataclass(frozen=True)
class Own:
    """Operations of our own on the domain of the test, below the wire."""

    invoke: Any
    caller: Any
    name: str

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.invoke(
            operation, {"DomainName": self.name, **parameters}, self.caller
        )
        return answer

    def merges(self, **filters: Any) -> list[dict[str, Any]]:
        """The items of ListMerges."""
        items: list[dict[str, Any]] = self("ListMerges", **filters)["Items"]
        return items

    def undo(self, place: int = 0) -> dict[str, Any]:
        """Undo a merge by its place in the list, the newest first."""
        return self("UndoMerge", MergeId=self.merges()[place]["MergeId"])


@pytest.fixture
def own(invoke: Any, caller: Any, domain: str) -> Own:
    """Operations of our own."""
    return Own(invoke, caller, domain)
