"""Lists leave out what the caller may not get, and their pages stay full."""

import uuid

import pytest

BLUE = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}
LISTING = {"Action": "profile:ListDomains"}
TYPE = {
    "Description": "orders",
    "Fields": {"id": {"Source": "_source.id", "Target": "_profile.AccountNumber"}},
    "Keys": {"_account": [{"StandardIdentifiers": ["PROFILE", "UNIQUE"], "FieldNames": ["id"]}]},
}


@pytest.fixture
def domains(client):
    """Seven domains of which every other one is blue, by name."""
    names = [f"seen-{uuid.uuid4().hex[:4]}-{number}" for number in range(7)]
    for number, name in enumerate(sorted(names)):
        team = "blue" if number % 2 else "red"
        client.create_domain(DomainName=name, DefaultExpirationDays=1, Tags={"team": team})
    return sorted(names)


def _pages(call, key, **request):
    pages: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        answer = call(**request, **token)
        pages.append([item[key] for item in answer["Items"]])
        if "NextToken" not in answer:
            return pages
        token = {"NextToken": answer["NextToken"]}


def test_domains_of_others_are_left_out_and_pages_are_full(client_as, domains):
    ann = client_as(BLUE, LISTING)

    pages = _pages(ann.list_domains, "DomainName", MaxResults=2)

    seen = [name for page in pages for name in page if name in domains]
    assert seen == domains[1::2]
    assert all(len(page) == 2 for page in pages[:-1])
    assert pages[-1]


@pytest.mark.usefixtures("domains")
def test_who_may_list_but_get_nothing_sees_nothing(client_as):
    assert client_as(LISTING).list_domains()["Items"] == []


def test_integrations_of_others_are_left_out(client, client_as, domain):
    uris = [f"arn:aws:app-integrations:us-east-1:1:event-integration/e{n}" for n in range(4)]
    client.put_profile_object_type(DomainName=domain, ObjectTypeName="Orders", **TYPE)
    for number, uri in enumerate(uris):
        client.put_integration(
            DomainName=domain,
            Uri=uri,
            ObjectTypeName="Orders",
            Tags={"team": "blue" if number % 2 else "red"},
        )
    ann = client_as(
        {"Action": ["profile:List*"]},
        {
            "Action": "profile:GetIntegration",
            "Condition": {"StringNotEquals": {"aws:ResourceTag/team": "red"}},
        },
    )

    pages = _pages(ann.list_integrations, "Uri", DomainName=domain, MaxResults=1)

    assert pages == [[uris[1]], [uris[3]]]
    assert ann.list_account_integrations(Uri=uris[0])["Items"] == []
    assert len(ann.list_account_integrations(Uri=uris[1])["Items"]) == 1


def test_states_and_runs_of_integrations_of_others_are_left_out(
    client, invoke, caller, as_ann, domain
):
    uris = [f"arn:aws:app-integrations:us-east-1:1:event-integration/s{n}" for n in range(2)]
    client.put_profile_object_type(DomainName=domain, ObjectTypeName="Orders", **TYPE)
    for uri, team in zip(uris, ("blue", "red"), strict=True):
        client.put_integration(
            DomainName=domain, Uri=uri, ObjectTypeName="Orders", Tags={"team": team}
        )
    ann = as_ann(
        caller,
        {"Condition": {"StringNotEquals": {"aws:ResourceTag/team": "red"}}},
    )

    states = invoke("ListIntegrationStates", {"DomainName": domain}, ann)
    runs = invoke("ListIntegrationRuns", {"DomainName": domain}, ann)

    assert [item["Uri"] for item in states["Items"]] == [uris[0]]
    assert runs["Items"] == []
