"""An account has a number of domains, and no more, however many callers ask at once."""

from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError


def test_no_more_domains_than_the_quota_allows(client_with, fresh_name):
    client = client_with(domains_per_account=2, account_id="111122223333")

    def create(number):
        try:
            client.create_domain(DomainName=f"{fresh_name}-{number}", DefaultExpirationDays=1)
        except ClientError as failure:
            return failure.response["Error"]["Code"]
        return "created"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(create, range(6)))

    assert answers == ["BadRequestException"] * 4 + ["created"] * 2
    assert len(client.list_domains()["Items"]) == 2


def test_another_account_has_its_own_domains(client, client_with, domain):
    other = client_with(account_id="444455556666")

    other.create_domain(DomainName=domain, DefaultExpirationDays=9)

    assert other.get_domain(DomainName=domain)["DefaultExpirationDays"] == 9
    assert client.get_domain(DomainName=domain)["DefaultExpirationDays"] != 9
