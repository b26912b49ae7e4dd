"""Keys that are disabled, gone, wrong, renewed, changed and removed."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from openprofiles.core.errors import AccessDenied
from openprofiles.storage.encryption.key_folder import file_name
from tests.features.encryption.conftest import LOCAL_KEY
from tests.features.encryption.test_nothing_in_the_clear import VALUES, define, live
from tests.features.profiles.conftest import World

REFUSED = "The key that DefaultEncryptionKey of domain {} names cannot be used: {}"


@pytest.fixture
def kms_world(kms, domain):
    """A domain whose key is in KMS, and the key."""
    key = kms.make()
    kms.client.update_domain(DomainName=domain, DefaultEncryptionKey=key)
    return World(kms.client, domain), key


@pytest.fixture
def sealed_world(client, sealed_domain):
    return World(client, sealed_domain)


def refusal(act) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        act()
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_disabled_key_refuses_and_loses_nothing(kms, kms_world):
    world, key = kms_world
    main = live(world)
    kms.disable(key)

    acts = (
        lambda: world.get(main),
        lambda: world.create(FirstName="Ann"),
        lambda: world.put("Customer", {"id": "9", "mail": "nine@example.com"}),
        lambda: world.client.batch_get_profile(DomainName=world.name, ProfileIds=[main]),
    )
    answers = {refusal(act) for act in acts}
    kms.enable(key)

    reason = "it is disabled"
    assert answers == {("AccessDeniedException", REFUSED.format(world.name, reason))}
    assert world.get(main)["LastName"] == VALUES["later"]


def test_a_key_that_kms_does_not_have_is_refused_at_once(kms, domain):
    absent = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"

    code, text = refusal(
        lambda: kms.client.update_domain(DomainName=domain, DefaultEncryptionKey=absent)
    )

    assert (code, text) == (
        "AccessDeniedException",
        REFUSED.format(domain, "KMS has no such key"),
    )
    assert "DefaultEncryptionKey" not in kms.client.get_domain(DomainName=domain)


def test_jobs_leave_out_a_domain_whose_key_is_disabled(kms, kms_world, client, caller, clock):
    world, key = kms_world
    live(world)
    other = client.create_domain(DomainName="other", DefaultExpirationDays=1)["DomainName"]
    gone = client.create_profile(DomainName=other, FirstName="Bo")["ProfileId"]
    kms.disable(key)
    clock.turn(days=400)

    after: int | None = 0
    removed = 0
    while after is not None:
        batch = kms.invoke("Sweep", {"After": after}, caller)
        after, removed = batch["After"], removed + batch["Profiles"]
    steps = [kms.invoke(name, {"After": 0}, caller) for name in ("ApplyRules", "ReadDeadLetters")]

    assert gone
    assert removed == 1
    assert world.stats()["ObjectCount"] == 2
    assert [step["After"] for step in steps] == [None, None]


def test_rotation_seals_with_fresh_keys_and_forgets_the_old_ones(kms, kms_world, caller):
    world, _ = kms_world
    main = live(world)
    before = kms.own.get("/encryption")

    kms.own.post("/encryption/rotate")
    kms.invoke("ContinueEncryption", {"After": 0}, caller)

    after = kms.own.get("/encryption")
    assert [before["Status"], after["Status"]] == ["ENCRYPTED", "ENCRYPTED"]
    assert {key["Kind"] for key in after["DataKeys"]} == {"values", "index"}
    assert after["DataKeys"] != before["DataKeys"]
    assert world.get(main)["LastName"] == VALUES["later"]
    assert world.client.list_profile_objects(
        DomainName=world.name, ObjectTypeName="Customer", ProfileId=main
    )["Items"]


def test_another_key_takes_over_and_the_first_is_needed_no_more(kms, kms_world):
    world, first = kms_world
    main = live(world)

    kms.client.update_domain(DomainName=world.name, DefaultEncryptionKey=kms.make())
    kms.disable(first)

    assert world.get(main)["LastName"] == VALUES["later"]
    assert world.only("_email", VALUES["mail"])["ProfileId"] == main


def test_a_domain_without_its_key_is_in_the_clear_again(sealed_world, client, own, work_off):
    main = live(sealed_world)
    (merge,) = own.get("/merges")["Items"]

    client.update_domain(DomainName=sealed_world.name, DefaultEncryptionKey="")
    work_off()

    assert own.get("/encryption")["Status"] == "NOT_ENCRYPTED"
    assert own.get("/encryption")["DataKeys"] == []
    assert sealed_world.only("_account", VALUES["card"])["ProfileId"] == main
    assert own.get(f"/merges/{merge['MergeId']}")["LostValues"]
    own.post(f"/merges/{merge['MergeId']}/undo")
    assert len(sealed_world.search("_phone", VALUES["phone"])) == 2


@pytest.fixture
def half_turned(world, client, monkeypatch):
    """A domain that was given a key, of which nothing has turned yet."""
    main = live(world)
    monkeypatch.setattr("openprofiles.features.encryption.following.ROUNDS", 0)
    client.update_domain(DomainName=world.name, DefaultEncryptionKey=LOCAL_KEY)
    return main


def test_a_domain_that_turns_is_read_and_written(half_turned, world, own, client, work_off):
    assert own.get("/encryption")["Status"] == "ENCRYPTING"
    assert world.only("_email", VALUES["mail"])["ProfileId"] == half_turned
    assert len(world.objects("Thing", half_turned)) == 1

    world.put(
        "Customer", {"id": VALUES["account"], "mail": VALUES["mail"], "first": "Zoe", "last": "Q"}
    )
    world.put("Customer", {"id": "new", "mail": VALUES["mail"], "first": "Zoe", "last": "Q"})
    answers = refusal(
        lambda: client.update_domain(DomainName=world.name, DefaultEncryptionKey="another")
    )
    work_off()

    assert answers[0] == "BadRequestException"
    assert own.get("/encryption")["Status"] == "ENCRYPTED"
    assert world.only("_email", VALUES["mail"])["FirstName"] == "Zoe"
    assert world.stats()["ObjectCount"] == 3


def test_a_merge_in_a_domain_that_turns_is_undone_there(half_turned, world, own, work_off):
    (merge,) = own.get("/merges")["Items"]

    own.post(f"/merges/{merge['MergeId']}/undo")
    work_off()

    assert half_turned in {one["ProfileId"] for one in world.search("_email", VALUES["mail"])}
    assert len(world.search("_phone", VALUES["phone"])) == 2


def test_turning_that_is_killed_midway_goes_on(half_turned, world, own, invoke, caller, work_off):
    for _ in range(3):
        invoke("ContinueEncryption", {"After": 0}, caller)
    assert own.get("/encryption")["Status"] == "ENCRYPTING"

    work_off()

    assert own.get("/encryption")["Status"] == "ENCRYPTED"
    assert world.get(half_turned)["LastName"] == VALUES["later"]


def test_a_missing_key_file_refuses_and_is_enough_when_it_is_back(sealed_world, settings):
    main = live(sealed_world)
    path = Path(settings.encryption_keys) / file_name(LOCAL_KEY)
    content = path.read_text()

    answers = []
    for wrong in ("", "AAAA", "?", "A" * 43 + "="):
        path.write_text(wrong)
        answers.append(refusal(lambda: sealed_world.get(main)))
        answers.append(refusal(lambda: sealed_world.search("_email", VALUES["mail"])))
    path.unlink()
    absent = refusal(lambda: sealed_world.get(main))
    path.write_text(content)

    assert {code for code, _ in answers} == {"AccessDeniedException"}
    assert "its file holds another key" in answers[-1][1]
    assert absent == ("AccessDeniedException", f"{answers[0][1].partition('its')[0]}its file "
                      f"{path.name} is not there")  # fmt: skip
    assert sealed_world.get(main)["LastName"] == VALUES["later"]


def test_the_key_of_a_type_may_be_removed_and_the_type_too(world, client, own, work_off):
    define(world)
    world.define(
        "Card",
        {"card": "", "mail": ("_profile.EmailAddress", "EMAIL_ADDRESS")},
        {"cardKey": (["UNIQUE"], ["mail"]), "_email": (["PROFILE"], ["mail"])},
        EncryptionKey=LOCAL_KEY,
    )
    world.put("Card", {"card": VALUES["card"], "mail": VALUES["mail"]})
    assert len(own.get("/encryption")["DataKeys"]) == 1
    own.post("/encryption/rotate")

    client.delete_profile_object_type(DomainName=world.name, ObjectTypeName="Card")
    work_off()

    assert own.get("/encryption")["DataKeys"] == []


@pytest.mark.usefixtures("half_turned")
def test_a_domain_that_turns_is_not_rotated(own):
    assert own.reply("POST", "/encryption/rotate").status == 400
    assert own.get("/encryption")["IsUsable"]


def test_a_domain_in_the_clear_refuses_rotation(own, invoke, caller, domain):
    assert own.get("/encryption")["Status"] == "NOT_ENCRYPTED"
    assert own.reply("POST", "/encryption/rotate").status == 400
    assert invoke("ContinueEncryption", {"DomainName": domain}, caller)["IsDone"]


def test_the_error_is_the_one_of_access(kms, kms_world, caller):
    world, key = kms_world
    live(world)
    kms.disable(key)

    with pytest.raises(AccessDenied):
        kms.invoke("RotateEncryption", {"DomainName": world.name}, caller)
