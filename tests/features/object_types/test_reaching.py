"""How the rooms above reach object types: mappings by version, keys, limits."""

import json

import pytest

from openprofiles.core.clock import system_clock
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import random_id
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.object_types.mapping import compile_mapping
from openprofiles.features.object_types.mapping_cache import MappingCache


@pytest.fixture
def ask(database, settings, caller, domain):
    """Ask something of the room, in a transaction of its own: `ask(find_key, "_phone")`."""

    def run(question, *arguments):
        def work(transaction):
            context = Context(
                transaction=transaction, caller=caller, settings=settings, now=system_clock()
            )
            return question(context, domains.require(context, domain), *arguments)

        return database.run(work, reads_only=True)

    return run


def test_a_mapping_is_compiled_once_for_each_version(ask, put_type, basic):
    put_type(**basic)
    first = ask(object_types.require_mapping, "Orders")

    assert ask(object_types.require_mapping, "Orders") is first

    put_type(**basic, ExpirationDays=5)
    second = ask(object_types.require_mapping, "Orders")
    assert second is not first
    assert second.expiration_days == 5


def test_a_template_is_an_implicit_type(ask):
    mapping = ask(object_types.require_mapping, "Zendesk-users")

    assert mapping.key_names == ("_zendeskUserId", "_zendeskExternalId")
    assert ask(object_types.require_mapping, "Zendesk-users") is mapping


def test_an_explicit_type_replaces_the_implicit_one(ask, put_type, basic):
    put_type("Zendesk-users", **basic)

    assert ask(object_types.require_mapping, "Zendesk-users").key_names == ("_account", "_email")


def test_an_unknown_type_has_no_mapping(ask, domain):
    with pytest.raises(ResourceNotFound) as failure:
        ask(object_types.require_mapping, "Nothing")

    assert failure.value.message == f"Profile object type Nothing not found in domain {domain}"


@pytest.mark.parametrize("name", ["_profile", "_asset"])
def test_a_standard_object_has_no_mapping(ask, name):
    with pytest.raises(BadRequest) as failure:
        ask(object_types.require_mapping, name)

    assert name in failure.value.message


def test_a_type_is_gone_with_its_domain(client, domain, ask, put_type, basic):
    put_type(**basic)
    ask(object_types.require_mapping, "Orders")
    client.delete_domain(DomainName=domain)
    client.create_domain(DomainName=domain, DefaultExpirationDays=1)

    with pytest.raises(ResourceNotFound):
        ask(object_types.require_mapping, "Orders")


def test_only_the_mappings_used_last_are_kept(basic):
    cache = MappingCache(size=2)
    mapping = compile_mapping("Orders", basic)
    places = [("000000000000", "domain", name) for name in ("One", "Two", "Three")]
    versions = [random_id() for _ in places]
    cache.put(places[0], versions[0], mapping)
    cache.put(places[1], versions[1], mapping)
    cache.find(places[0])

    cache.put(places[2], versions[2], mapping)

    assert [cache.find(place)[0] for place in places] == [versions[0], None, versions[2]]


def test_keys_are_predefined_or_of_the_domain(ask, put_type, basic):
    basic["Keys"]["both"] = [{"StandardIdentifiers": [], "FieldNames": ["account", "email"]}]
    put_type(**basic)

    assert ask(object_types.find_key, "_phone") == ("PHONE_NUMBER",)
    assert ask(object_types.find_key, "both") == ("STRING", "EMAIL_ADDRESS")
    assert ask(object_types.find_key, "nothing") is None


def test_known_types_are_defined_or_templates_or_standard(ask, put_type, basic):
    put_type(**basic)

    for name in ("Orders", "CTR", "_asset", "_profile"):
        assert ask(object_types.is_known_type, name)
    assert not ask(object_types.is_known_type, "Nothing")


def test_limits_are_given_or_those_of_the_template(ask, put_type, basic):
    put_type("Given", **basic, MaxProfileObjectCount=7)
    put_type("Unlimited", **basic)
    put_type("Clicks", TemplateId="WebAnalytics-Clickstream")

    limits = ask(object_types.object_limits)

    assert (limits["Given"], limits["Clicks"], limits["WebAnalytics-Clickstream"]) == (7, 100, 100)
    assert "Unlimited" not in limits


def test_an_explicit_type_without_a_count_has_no_limit(ask, put_type, basic):
    put_type("WebAnalytics-Clickstream", **basic)

    assert "WebAnalytics-Clickstream" not in ask(object_types.object_limits)


def test_objects_are_mapped_by_the_newest_definition(client, domain, put_type, basic):
    def put(**document):
        client.put_profile_object(
            DomainName=domain, ObjectTypeName="Orders", Object=json.dumps(document)
        )
        found = client.search_profiles(DomainName=domain, KeyName="_account", Values=["a"])
        return found["Items"][0]

    put_type(**basic)
    put(account="a", name="Ann")
    basic["Fields"]["name"] = {"Source": "_source.name", "Target": "_profile.FirstName"}
    put_type(**basic)

    assert put(account="a", name="Ann")["FirstName"] == "Ann"
