"""Domains are made, shown, changed, listed and deleted (core reference §2.1)."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError


def test_a_new_domain_is_returned_as_stored(client, fresh_name):
    answer = client.create_domain(
        DomainName=fresh_name,
        DefaultExpirationDays=30,
        DefaultEncryptionKey="arn:aws:kms:us-east-1:000000000000:key/1",
        DeadLetterQueueUrl="https://sqs.us-east-1.amazonaws.com/000000000000/rejected",
        Tags={"team": "crm"},
    )

    assert answer["DomainName"] == fresh_name
    assert answer["DefaultExpirationDays"] == 30
    assert answer["DefaultEncryptionKey"] == "arn:aws:kms:us-east-1:000000000000:key/1"
    assert answer["DeadLetterQueueUrl"].endswith("/rejected")
    assert answer["Tags"] == {"team": "crm"}
    assert answer["CreatedAt"] == answer["LastUpdatedAt"]
    assert abs(datetime.now(UTC) - answer["CreatedAt"]) < timedelta(minutes=1)


@pytest.mark.clear_only(reason="it is about domains that name no key")
def test_what_was_not_given_is_not_returned(client, fresh_name):
    answer = client.create_domain(
        DomainName=fresh_name, DefaultExpirationDays=30, DeadLetterQueueUrl=""
    )

    absent = {
        "DefaultEncryptionKey",
        "DeadLetterQueueUrl",
        "Matching",
        "RuleBasedMatching",
        "DataStore",
        "Stats",
    }
    assert not absent & answer.keys()


def test_a_taken_name_is_refused_even_with_the_same_configuration(client, domain):
    with pytest.raises(ClientError) as failure:
        client.create_domain(DomainName=domain, DefaultExpirationDays=366)

    assert failure.value.response["Error"]["Code"] == "BadRequestException"
    assert f"Domain {domain} already exists" in failure.value.response["Error"]["Message"]


def test_empty_tags_count_as_none(client, fresh_name):
    answer = client.create_domain(DomainName=fresh_name, DefaultExpirationDays=30, Tags={})

    assert answer["Tags"] == {}


def test_a_missing_domain_is_not_found(client):
    for call in (client.get_domain, client.update_domain, client.delete_domain):
        with pytest.raises(client.exceptions.ResourceNotFoundException) as failure:
            call(DomainName="nowhere")

        assert failure.value.response["Error"]["Message"] == "Domain nowhere does not exist"


def test_a_fresh_domain_holds_nothing(client, domain):
    stats = client.get_domain(DomainName=domain)["Stats"]

    assert stats == {
        "ProfileCount": 0,
        "MeteringProfileCount": 0,
        "ObjectCount": 0,
        "TotalSize": 0,
    }


def test_profiles_are_counted(client, domain):
    kept = [client.create_profile(DomainName=domain)["ProfileId"] for _ in range(3)]
    client.delete_profile(DomainName=domain, ProfileId=kept[0])

    stats = client.get_domain(DomainName=domain)["Stats"]

    assert (stats["ProfileCount"], stats["MeteringProfileCount"]) == (2, 2)


def test_an_update_keeps_what_it_does_not_name(client, domain):
    client.update_domain(DomainName=domain, DeadLetterQueueUrl="https://queue.example/1")

    answer = client.update_domain(DomainName=domain, DefaultExpirationDays=7)

    assert answer["DefaultExpirationDays"] == 7
    assert answer["DeadLetterQueueUrl"] == "https://queue.example/1"
    assert answer["LastUpdatedAt"] > answer["CreatedAt"]
    assert "Stats" not in answer


def test_an_empty_text_clears(client, domain):
    client.update_domain(DomainName=domain, DeadLetterQueueUrl="q", DefaultEncryptionKey="k")

    client.update_domain(DomainName=domain, DeadLetterQueueUrl="", DefaultEncryptionKey="")

    answer = client.get_domain(DomainName=domain)
    assert "DeadLetterQueueUrl" not in answer
    assert "DefaultEncryptionKey" not in answer


def test_an_update_replaces_a_block_as_a_whole(client, domain):
    schedule = {"DayOfTheWeek": "MONDAY", "Time": "7:30"}
    client.update_domain(DomainName=domain, Matching={"Enabled": False, "JobSchedule": schedule})

    answer = client.update_domain(DomainName=domain, Matching={"Enabled": False})

    assert answer["Matching"] == {"Enabled": False}


def test_an_update_ignores_tags(client, fresh_name):
    client.create_domain(DomainName=fresh_name, DefaultExpirationDays=30, Tags={"team": "crm"})

    answer = client.update_domain(DomainName=fresh_name, Tags={"other": "tag"})

    assert answer["Tags"] == {"team": "crm"}


def test_a_deleted_domain_is_gone_and_its_name_free_at_once(client, fresh_name):
    client.create_domain(DomainName=fresh_name, DefaultExpirationDays=30, Tags={"team": "crm"})
    profile = client.create_profile(DomainName=fresh_name)["ProfileId"]

    assert client.delete_domain(DomainName=fresh_name)["Message"] == "OK"

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_domain(DomainName=fresh_name)
    again = client.create_domain(DomainName=fresh_name, DefaultExpirationDays=30)
    assert again["Tags"] == {}
    assert client.get_domain(DomainName=fresh_name)["Stats"]["ProfileCount"] == 0
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_profile(DomainName=fresh_name, ProfileId=profile)


def test_text_that_cannot_be_stored_is_refused(client, domain):
    for text in ("a\0b", "a\ud800b"):
        with pytest.raises(client.exceptions.BadRequestException):
            client.update_domain(DomainName=domain, DeadLetterQueueUrl=text)
