"""Runs beside callers who change and delete what is being run."""

import threading

from openprofiles.features import integrations
from tests.features.integrations.conftest import folder_flow, lead


def test_integrations_that_are_put_and_deleted_while_they_run_hold_up_nobody(source):
    """Writers of runs and of integrations lock in one order: no deadlock, no error, no leftover."""
    source.write([lead(number) for number in range(400)])
    source.connect(page="5")
    problems: list[BaseException] = []

    def deleting():
        try:
            for _ in range(8):
                uri = source.integrate()
                source.start(uri)
                worker = threading.Thread(target=integrations.work, args=(source.machine,))
                worker.start()
                source.client.put_integration(
                    DomainName=source.domain, Uri=uri, ObjectTypeName="customers"
                )
                source.client.delete_integration(DomainName=source.domain, Uri=uri)
                worker.join()
        except BaseException as problem:  # noqa: BLE001 (told by the test)
            problems.append(problem)

    threads = [threading.Thread(target=deleting) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    assert source.client.list_integrations(DomainName=source.domain)["Items"] == []
    assert source.runs() == []
    profiles, objects = source.count()
    assert profiles == objects <= 400


def test_flows_of_one_name_are_made_once_however_many_try(source):
    definition = folder_flow()
    made, refused = [], []

    def put():
        try:
            made.append(source.integrate(definition))
        except source.client.exceptions.BadRequestException as refusal:
            refused.append(str(refusal))

    threads = [threading.Thread(target=put) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert len(refused) == 5
    assert all("already exists." in text for text in refused)


def test_the_quota_holds_however_many_try(source, client_with):
    client = client_with(integrations_per_domain=3)
    made = []

    def put(number):
        try:
            client.put_integration(
                DomainName=source.domain, Uri=f"x-{number}", ObjectTypeName="customers"
            )
            made.append(number)
        except client.exceptions.BadRequestException:
            pass

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 3
