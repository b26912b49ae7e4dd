"""`openprofiles rejected`: list, count, show, retry, drop."""

import json
import re

import pytest

from openprofiles.cli import main

NOT_FOUND = "No profile found for the keys of this object"


@pytest.fixture
def command(options, shop, capsys):
    """A function that runs `openprofiles rejected …` on the shop: exit code, output, errors."""

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["rejected", *arguments, "--domain", shop.name, *options])
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def orders(shop):
    """Three orders of somebody who is not there yet; more can be put."""
    shop.define(
        "Order",
        {"id": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"order": (["UNIQUE"], ["id"]), "_email": (["PROFILE"], ["mail"])},
        creates=False,
    )
    for number in "123":
        shop.put("Order", {"id": number, "mail": "ann@example.com"})


def ids_of(listed: str) -> list[str]:
    return re.findall("^ ?([0-9a-f]{32})", listed, re.MULTILINE)


def test_a_domain_without_any_says_so(command):
    assert command("list") == (0, "No rejected objects\n", "")
    assert command("count") == (0, "No rejected objects\n", "")


@pytest.mark.usefixtures("orders")
def test_they_are_listed_counted_and_shown(command):
    _, counted, _ = command("count", "--object-type", "Order")
    _, listed, _ = command("list", "--reason", NOT_FOUND)
    _, two, _ = command("list", "--limit", "2")
    code, shown, _ = command("show", ids_of(listed)[0])

    assert re.search(rf"3 +Order +{NOT_FOUND}", counted)
    assert len(ids_of(listed)) == 3
    assert ids_of(two) == ids_of(listed)[:2]
    assert NOT_FOUND in listed
    assert code == 0
    assert json.loads(json.loads(shown)["Object"])["id"] == "3"


@pytest.mark.usefixtures("orders")
def test_more_than_a_page_is_listed(command, shop):
    for number in range(100):
        shop.put("Order", {"id": f"more {number}", "mail": "ann@example.com"})

    _, listed, _ = command("list", "--limit", "1000")

    assert len(set(ids_of(listed))) == 103


@pytest.mark.usefixtures("orders")
def test_they_are_tried_again_until_all_were(command, shop):
    for number in range(120):
        shop.put("Order", {"id": f"more {number}", "mail": "ann@example.com"})
    shop.put("Order", {"id": "lost", "mail": "bob@example.com"})
    ann = shop.create(EmailAddress="ann@example.com")

    code, said, _ = command("retry", "--object-type", "Order")

    assert (code, said) == (0, "123 ingested, 1 rejected again\n")
    assert shop.stats()["ObjectCount"] == 123
    assert len(shop.items("Order", ann, MaxResults=100)) == 100


@pytest.mark.usefixtures("orders")
def test_one_is_tried_with_a_changed_document(command, shop, tmp_path):
    ann = shop.create(EmailAddress="anne@example.com")
    one, other, _ = ids_of(command("list")[1])
    file = tmp_path / "order.json"
    file.write_text('{"id": "1", "mail": "bob@example.com"}')

    code, _, said = command("retry", one, "--document", str(file))
    assert (code, f"Rejected again: {NOT_FOUND}" in said) == (1, True)

    file.write_text('{"id": "1", "mail": "anne@example.com"}')
    assert command("retry", one, "--document", str(file)) == (
        0,
        f"Ingested: attached on profile {ann}\n",
        "",
    )
    code, _, said = command("retry", one, other, "--document", str(file))
    assert (code, "give one id" in said) == (1, True)
    code, _, said = command("retry", other, "--document", str(tmp_path / "none.json"))
    assert (code, "cannot be read (FileNotFoundError)" in said) == (1, True)


@pytest.mark.usefixtures("orders")
def test_they_are_dropped(command, monkeypatch):
    monkeypatch.setattr("openprofiles.features.rejections.operations.rejected.DROPPED_AT_ONCE", 1)
    one, *_ = ids_of(command("list")[1])

    assert command("drop", one)[1] == "1 dropped\n"
    assert command("drop")[0] == 1
    assert command("drop", "--all")[1] == "2 dropped\n"


@pytest.mark.usefixtures("orders")
def test_what_waits_for_the_queue_is_shown(command, shop, client, invoke, caller):
    assert command("queue")[1] == "Queue: none\nWaiting: 0; given up: 0\n"
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/letters"
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl=url)
    shop.put("Order", {"id": "4", "mail": "ann@example.com"})
    problem = {"DomainName": shop.name, "Sent": [], "Refused": {}, "QueueProblem": "Asleep"}
    invoke("SettleDeadLetters", problem, caller)

    _, failing, _ = command("queue")
    _, again, _ = command("queue", "--retry")
    client.update_domain(DomainName=shop.name, DeadLetterQueueUrl="")

    assert failing.startswith(f"Queue: {url}\nWaiting: 1, the oldest since 2")
    assert "The queue failed 1 times (Asleep); next try at 2" in failing
    assert "failed" not in again


def test_what_is_no_id_is_refused(command):
    for words in (("show", "x"), ("retry", "x"), ("drop", "x")):
        code, _, said = command(*words)
        assert code == 1
        assert "The id of a rejected object is 32 digits from 0 to f" in said
