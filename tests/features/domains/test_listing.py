"""ListDomains pages through the account's domains by name."""

import pytest

from openprofiles.core import paging
from openprofiles.core.clock import system_clock


@pytest.fixture
def three(client, fresh_name):
    """Three domains that follow each other."""
    names = [f"{fresh_name}-{letter}" for letter in "abc"]
    for name in reversed(names):
        client.create_domain(DomainName=name, DefaultExpirationDays=1, Tags={"letter": name[-1]})
    return names


def _pages(client, size):
    answer = client.list_domains(MaxResults=size)
    yield answer["Items"]
    while "NextToken" in answer:
        answer = client.list_domains(MaxResults=size, NextToken=answer["NextToken"])
        yield answer["Items"]


def test_pages_of_any_size_hold_each_domain_once_in_order(client, three):
    pages = list(_pages(client, 2))

    names = [item["DomainName"] for page in pages for item in page]
    assert names == sorted(set(names))
    assert set(three) <= set(names)
    assert all(len(page) == 2 for page in pages[:-1])


def test_an_item_has_name_moments_and_tags_only(client, three):
    items = {item["DomainName"]: item for page in _pages(client, 100) for item in page}

    item = items[three[1]]
    assert item.keys() == {"DomainName", "CreatedAt", "LastUpdatedAt", "Tags"}
    assert item["Tags"] == {"letter": "b"}


@pytest.mark.parametrize("token", ["nonsense", "bnVsbA", "🙂"])
def test_a_token_that_is_not_ours_is_refused(client, token):
    with pytest.raises(client.exceptions.BadRequestException) as failure:
        client.list_domains(NextToken=token)

    assert "NextToken" in failure.value.response["Error"]["Message"]


@pytest.mark.parametrize("cursor", [7, ["a"], "a\0", None])
def test_a_token_forged_around_another_cursor_is_refused(client, settings, cursor):
    token = paging.encode(("ListDomains", settings.account_id), cursor, system_clock())

    with pytest.raises(client.exceptions.BadRequestException):
        client.list_domains(NextToken=token)


def test_a_token_of_another_list_is_refused(client, domain):
    for _ in range(2):
        client.create_profile(DomainName=domain, AccountNumber="7")
    search = client.search_profiles(
        DomainName=domain, KeyName="_account", Values=["7"], MaxResults=1
    )

    with pytest.raises(client.exceptions.BadRequestException):
        client.list_domains(NextToken=search["NextToken"])
