"""Merges and undos among random histories: property tests by boto3."""

import uuid
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features import profiles
from tests.features.profiles.conftest import World
from tests.features.profiles.consistency import check_domain
from tests.features.profiles.merging.conftest import rows_of, runner
from tests.features.profiles.test_invariants import History, acts, define_types

places = st.integers(0, 5)
merges = st.tuples(st.just("merge"), places, st.lists(places, min_size=1, max_size=3))
rules = st.tuples(st.just("merge_by_rule"), places, places)
undos = st.tuples(st.just("undo"), st.integers(0, 5))
histories = st.lists(st.one_of(acts, acts, merges, rules, undos), max_size=25)


@pytest.fixture
def service_settings(application: Any) -> Any:
    """The settings of the service, under a name that Hypothesis leaves free."""
    return application.settings


class MergingHistory(History):
    """Merges and undoes too, tolerating the refusals that are promised."""

    def __init__(self, world: World, run: Any, invoke: Any, caller: Any) -> None:
        super().__init__(world)
        self.run, self.invoke, self.caller = run, invoke, caller

    def do(self, act: tuple[Any, ...]) -> None:
        with suppress(BadRequest, ResourceNotFound):
            super().do(act)

    def ids(self) -> list[str]:
        """The profiles that are there, in the order of their ids."""
        found = {item["ProfileId"] for item in self.world.search("_account", "a", "b", "c")}
        found |= {item["ProfileId"] for item in self.world.search("_email", "a", "b", "c")}
        return sorted({*found, *self.profiles})

    def merge(self, place: int, places: list[int]) -> None:
        ids = self.ids()
        chosen = [ids[one] for one in places if one < len(ids)]
        if place < len(ids) and chosen:
            self.world.client.merge_profiles(
                DomainName=self.world.name,
                MainProfileId=ids[place],
                ProfileIdsToBeMerged=chosen,
                FieldSourceProfileIds={"AccountNumber": chosen[0]},
            )

    def merge_by_rule(self, place: int, other: int) -> None:
        ids = self.ids()
        if max(place, other) < len(ids):
            self.run(
                profiles.merge,
                ids[place],
                [ids[other]],
                resolution=profiles.Resolution("RECENCY"),
                cause=profiles.MergeCause("rule"),
            )

    def undo(self, place: int) -> None:
        merges = self.invoke("ListMerges", {"DomainName": self.world.name}, self.caller)["Items"]
        if place < len(merges):
            self.undo_id(merges[place]["MergeId"])

    def undo_id(self, merge_id: str) -> None:
        parameters = {"DomainName": self.world.name, "MergeId": merge_id}
        preview = self.invoke("PreviewUndoMerge", parameters, self.caller)
        done = self.invoke("UndoMerge", parameters, self.caller)
        assert done == preview


def make_world(client: Any) -> World:
    world = World(client, f"history-{uuid.uuid4().hex}")
    client.create_domain(DomainName=world.name, DefaultExpirationDays=1)
    define_types(world)
    return world


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(history=histories)
def test_any_history_leaves_every_row_explained_by_the_others(
    client, database, service_settings, invoke, caller, history
):
    world = make_world(client)
    story = MergingHistory(
        world, runner(database, service_settings, caller, world.name), invoke, caller
    )

    for act in history:
        story.do(act)

    check_domain(database, world.name)
    client.delete_domain(DomainName=world.name)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(history=histories, place=places, others=st.lists(places, min_size=1, max_size=3))
def test_an_undo_gives_back_exactly_what_was(
    client, database, service_settings, invoke, caller, history, place, others
):
    world = make_world(client)
    story = MergingHistory(
        world, runner(database, service_settings, caller, world.name), invoke, caller
    )
    for act in history:
        story.do(act)
    before = rows_of(database, world.name)

    count = len(merges_of(world, invoke, caller))
    story.do(("merge", place, others))
    check_domain(database, world.name)
    if len(merges_of(world, invoke, caller)) > count:
        story.undo(0)

    assert rows_of(database, world.name) == before
    check_domain(database, world.name)
    client.delete_domain(DomainName=world.name)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(history=histories, order=st.permutations(range(3)), chosen=st.lists(places, min_size=6))
def test_several_merges_undone_in_any_order_give_back_what_was(
    client, database, service_settings, invoke, caller, history, order, chosen
):
    world = make_world(client)
    story = MergingHistory(
        world, runner(database, service_settings, caller, world.name), invoke, caller
    )
    for act in history:
        story.do(act)
    before = rows_of(database, world.name)
    old = {merge["MergeId"] for merge in merges_of(world, invoke, caller)}

    for place in range(3):
        story.do(("merge", chosen[place], [chosen[place + 3]]))
    new = [one for one in merges_of(world, invoke, caller) if one["MergeId"] not in old]
    # One whose main profile was merged later has to wait for that merge's undo.
    while new:
        for place in order:
            if place < len(new):
                story.do(("undo_id", new[place]["MergeId"]))
        new = [
            one
            for one in merges_of(world, invoke, caller)
            if one["MergeId"] not in old and one["UndoneAt"] is None
        ]

    assert rows_of(database, world.name) == before
    check_domain(database, world.name)
    client.delete_domain(DomainName=world.name)


def merges_of(world: World, invoke: Any, caller: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = invoke("ListMerges", {"DomainName": world.name}, caller)["Items"]
    return items
