"""No operation that is offered over HTTP leads from one account into another, nor from one team of
an account to another's domain.

Each is called, with a signature, by somebody who gives the names, ids and ARNs of what others keep.
"""

import json
import re
import uuid

import pytest

from openprofiles.features.invoke import OPERATIONS
from tests.features.access.furnished import (
    MARK,
    OF_MATCHES,
    OFFERED,
    TYPE,
    furnish,
    kept_elsewhere,
    members_of,
    request_for,
    requires,
    takes_a_domain,
)

FINDING = [name for name in OFFERED if OPERATIONS[name].reads_only and name not in OF_MATCHES]
THEIR_OWN = {"CreateDomain"}
"""Takes the name of a domain that need not be there."""

IDS = {
    *("Id", "JobId", "RunId", "MergeId", "ErasureId", "ReplayId", "RejectionId", "WorkflowId"),
    "FileImportId",
    *("ProfileId", "OtherProfileId", "MainProfileId", "AccessKeyId", "ProfileIds"),
    "SearchValue",
}
"""Members that lead to one thing of one domain or account."""

BLUE = {"Condition": {"StringEquals": {"aws:ResourceTag/squad": "blue"}}}
LISTING = {"Action": ["profile:ListDomains", "profile:ListAccountIntegrations"]}


@pytest.fixture(autouse=True)
def no_keys():
    """Not here: the keys and policies of the account stay for all tests of this module."""


@pytest.fixture(scope="module")
def kept(guarded, owner):
    """Members by name that lead to what the account keeps, with their values."""
    return furnish(owner, f"shared-{uuid.uuid4().hex}", guarded.buckets, squad="red")


@pytest.fixture(scope="module")
def stranger(guarded):
    """Make somebody of an account where nothing is, who may do everything there."""
    return lambda: guarded.signer("stranger", account_id=f"{uuid.uuid4().int % 10**12:012d}")


@pytest.fixture(scope="module")
def blue(guarded):
    """Somebody of the account who may do what they like to what is blue, and list the rest."""
    return guarded.signer("blue", BLUE, LISTING)


@pytest.fixture(scope="module")
def nobody(guarded):
    """Somebody of the account who may do nothing here."""
    return guarded.signer("nobody", {"Action": "s3:*"})


@pytest.fixture
def rows(application, kept):
    """A function that reads all rows of the domain that has something, and of its account but for
    what others do there.
    """
    account_id = application.settings.account_id
    domain = "domain_id = (select domain_id from domains where account_id = %s and name = %s)"

    def read(*, of_account=True):
        with application.database.reading() as transaction:
            tables = transaction.rows(
                "select table_name, bool_or(column_name = 'domain_id') from"
                " information_schema.columns where table_schema = 'public' and"
                " column_name in ('account_id', 'domain_id') group by 1"
            )
            return {
                table: transaction.rows(
                    f"select item::text from {table} as item where"
                    f" {domain if by_domain else 'account_id = %s'} order by 1",
                    [account_id, kept["DomainName"]][: 1 + by_domain],
                )
                for table, by_domain in tables
                if by_domain or of_account
            }

    return read


@pytest.mark.parametrize("name", FINDING)
def test_the_account_itself_finds_what_others_are_not_to_find(name, owner, kept):
    reply = owner.send(request_for(name, members_of(kept)))

    assert reply.status == 200, reply.content


@pytest.mark.parametrize("name", OFFERED)
def test_a_name_of_another_account_leads_nowhere(name, stranger, kept, rows):
    before = rows()

    reply = stranger().send(request_for(name, members_of(kept)))

    assert MARK not in str(reply.body)
    assert rows() == before
    if (takes_a_domain(name) and name not in THEIR_OWN) or requires(name) & IDS:
        assert reply.code == "ResourceNotFoundException", reply.content


@pytest.fixture(scope="module")
def namesake(stranger):
    """Somebody of another account, where a domain has the same name."""
    return stranger()


def _settle(owner, **domain):
    """Make a domain with a type, or what an operation has taken of it."""
    name = {"DomainName": domain["DomainName"]}
    typed = {**TYPE, **name, "ObjectTypeName": "Orders"}
    if owner.send(request_for("GetDomain", name)).status == 404:
        owner.ask("CreateDomain", DefaultExpirationDays=3, **domain)
    if owner.send(request_for("GetProfileObjectType", typed)).status == 404:
        owner.ask("PutProfileObjectType", **typed)


@pytest.mark.parametrize("name", OFFERED)
def test_what_a_domain_of_the_same_name_has_is_as_if_it_were_not_there(name, namesake, kept, rows):
    before = rows()
    _settle(namesake, DomainName=kept["DomainName"])
    replies = [
        namesake.send(request_for(name, members_of(members)))
        for members in (kept_elsewhere(kept), kept)
    ]

    assert MARK not in str(replies)
    assert rows() == before
    assert all(reply.status < 500 for reply in replies)
    if requires(name) & IDS:
        nowhere, somewhere = (_without_ids(reply) for reply in replies)
        assert nowhere == somewhere


def _without_ids(reply):
    """What is said, but for ids."""
    said = re.sub(r"[0-9a-f]{32}|[A-Z0-9]{20}", "ID", json.dumps(reply.content))
    return reply.status, reply.code, said


@pytest.mark.parametrize("name", OFFERED)
def test_who_is_allowed_nothing_does_nothing(name, nobody, kept, rows):
    before = rows()

    reply = nobody.send(request_for(name, members_of(kept)))

    assert (reply.status, reply.code) == (403, "AccessDeniedException")
    assert MARK not in str(reply.body)
    assert rows() == before


@pytest.mark.parametrize("name", OFFERED)
def test_a_team_gets_at_nothing_of_another_one(name, blue, kept, rows):
    before = rows()

    reply = blue.send(request_for(name, members_of(kept)))

    assert MARK not in str(reply.body)
    assert rows() == before
    listed = {"ListDomains", "ListAccountIntegrations"}
    assert reply.status == (200 if name in listed else 403), reply.content


@pytest.mark.parametrize("name", OFFERED)
def test_a_team_gets_at_nothing_of_another_one_through_its_own_domain(
    name, owner, blue, kept, rows
):
    before, domain = rows(of_account=False), f"blue-{kept['DomainName']}"
    _settle(owner, DomainName=domain, Tags={"squad": "blue"})
    arn = kept["resourceArn"].replace(kept["DomainName"], domain)
    through = {"DomainName": domain, "resourceArn": arn}

    replies = [
        blue.send(request_for(name, members_of({**members, **through})))
        for members in (kept_elsewhere(kept), kept)
    ]

    assert MARK not in str(replies)
    assert rows(of_account=False) == before
    if requires(name) & IDS:
        nowhere, somewhere = (_without_ids(reply) for reply in replies)
        assert nowhere == somewhere
