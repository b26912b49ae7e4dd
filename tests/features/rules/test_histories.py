"""Whatever happens to profiles and in whatever order: keys and groups follow from their fields."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openprofiles.features.rules.rule import compile_rules
from openprofiles.storage.encryption import cipher_of
from tests.features.rules import naive
from tests.features.rules.conftest import RuledWorld, rule_block
from tests.opened import read_rows

PROMISED = {"BadRequestException", "ResourceNotFoundException"}
TYPE = {
    "id": "",
    "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
    "last": "_profile.LastName",
    "account": "_profile.AccountNumber",
}

mails = st.sampled_from(["a@x.org", "A@X.org", "b@x.org", ""])
names = st.sampled_from(["lee", "Lee", "law", " ", ""])
numbers = st.sampled_from(["1", "2", ""])
fields = st.fixed_dictionaries(
    {},
    optional={
        "AccountNumber": numbers,
        "EmailAddress": mails,
        "BusinessEmailAddress": mails,
        "PhoneNumber": numbers,
        "HomePhoneNumber": numbers,
        "LastName": names,
        "FirstName": names,
    },
)
places = st.integers(0, 7)
levels = st.sampled_from([naive.LEVELS, naive.LEVELS[1:], naive.LEVELS[:1], ()])
acts = st.one_of(
    st.tuples(st.just("create"), fields),
    st.tuples(st.just("create"), fields),
    st.tuples(st.just("update"), places, fields),
    st.tuples(st.just("put"), numbers, mails, names, numbers),
    st.tuples(st.just("delete"), places),
    st.tuples(st.just("merge"), places, places),
    st.tuples(st.just("set_rules"), levels),
)


class History:
    """Does acts in a domain, tolerating the refusals that the API promises."""

    def __init__(self, world: RuledWorld) -> None:
        self.world = world
        self.levels: tuple[str, ...] = naive.LEVELS
        self.ids: list[str] = []

    def do(self, act: tuple[Any, ...]) -> None:
        try:
            getattr(self, act[0])(*act[1:])
        except ClientError as error:
            if error.response["Error"]["Code"] not in PROMISED:
                raise

    def create(self, given: dict[str, str]) -> None:
        filled = {name: text for name, text in given.items() if text}
        self.ids.append(self.world.create(**filled))

    def update(self, place: int, given: dict[str, str]) -> None:
        self.world.update(self._profile(place), **given)

    def put(self, id: str, mail: str, last: str, account: str) -> None:
        self.world.put("T", {"id": id or "0", "mail": mail, "last": last, "account": account})

    def delete(self, place: int) -> None:
        self.world.client.delete_profile(DomainName=self.world.name, ProfileId=self._profile(place))

    def merge(self, one: int, other: int) -> None:
        self.world.client.merge_profiles(
            DomainName=self.world.name,
            MainProfileId=self._profile(one),
            ProfileIdsToBeMerged=[self._profile(other)],
        )

    def set_rules(self, levels: tuple[str, ...]) -> None:
        self.world.set_rules(*levels)
        self.levels = levels

    def _profile(self, place: int) -> str:
        return self.ids[place % len(self.ids)] if self.ids else "0" * 32


def stored(database, name: str) -> tuple[dict[str, Any], list[Any], Callable[[str], str]]:
    """The fields of the profiles of a domain, the keys that are stored of them, and how a key's
    value is stored.
    """
    with database.reading() as transaction:
        [(domain_id,)] = transaction.rows("select domain_id from domains where name = %s", [name])
        profiles = read_rows(
            transaction, name, "profiles", "profile_id, fields, provenance, created_at"
        )
        keys = transaction.rows(
            """
            select level %% 16, value, profile_id from rule_keys where domain_id = %s
            """,
            [domain_id],
        )
        cipher = cipher_of(transaction, domain_id)
        if cipher is not None:
            cipher.require()
    fields = {profile_id: fields for profile_id, fields, *_ in profiles}
    return fields, keys, cipher.hidden_id if cipher else str


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(acts, min_size=4, max_size=14))
def test_any_history_leaves_keys_and_groups_that_follow_from_fields(
    database, groups, ruled, history
):
    world = ruled(*naive.LEVELS)
    world.define("T", TYPE, {"id": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])})
    done = History(world)

    for act in history:
        done.do(act)

    profiles, keys, hidden = stored(database, world.name)
    rules = compile_rules({"RuleBasedMatching": rule_block(*done.levels)}) if done.levels else None
    expected = {
        (level, hidden(value), profile_id)
        for profile_id, own in profiles.items()
        for level, value in (rules.values(own) if rules else ())
    }
    assert sorted(keys) == sorted(expected)
    assert groups.all(world) == naive.groups(done.levels, profiles)
