"""A domain goes out to an archive and comes back exactly as it was."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.features.transfers import archive
from tests.features.profiles.consistency import check_domain
from tests.features.transfers.conftest import TRUTH_SET


def nobody(part: str, rows: int) -> None:
    """Watches and does nothing."""
    del part, rows


@pytest.fixture
def export(invoke, caller):
    """A function that exports a domain."""

    def run(domain: str, path: Path, watch: Any = nobody) -> dict[str, int]:
        answer = invoke(
            "ExportDomain", {"DomainName": domain, "Path": path, "Watch": watch}, caller
        )
        return dict(answer["Rows"])

    return run


@pytest.fixture
def bring_back(invoke, caller):
    """A function that makes a domain of an archive."""

    def run(path: Path, domain: str) -> dict[str, int]:
        answer = invoke(
            "ImportDomain",
            {
                "DomainName": domain,
                "Path": path,
                "Contents": archive.check(path),
                "Watch": nobody,
            },
            caller,
        )
        return dict(answer["Rows"])

    return run


@pytest.fixture
def full(shop, run_import, things, client, invoke, caller, tmp_path):
    """A domain that has something of everything."""
    shop.define(
        "Device",
        {
            "id": "",
            "owner": ("_profile.EmailAddress", "EMAIL_ADDRESS"),
            "serial": "_asset.SerialNumber",
        },
        {
            "device": (["UNIQUE"], ["id"]),
            "_email": (["PROFILE"], ["owner"]),
            "serial": (["ASSET"], ["serial"]),
        },
        SourcePriority=1,
        Tags={"kind": "thing"},
    )
    run_import("Customer", TRUTH_SET / "customers.csv")
    run_import("Thing", things(2500))
    for number in range(3):
        shop.put("Device", {"id": str(number), "owner": "a@example.com", "serial": "s1"})
    (tmp_path / "bad.jsonl").write_text('{"id": "\\u00e9"}\nnot json\n')
    run_import("Thing", tmp_path / "bad.jsonl")
    profile_id = shop.create(
        FirstName="Zoë", Address={"City": "Zürich", "Country": "CH"}, Attributes={"a b": "c"}
    )
    client.add_profile_key(
        DomainName=shop.name, ProfileId=profile_id, KeyName="_account", Values=["a1"]
    )
    merged, other = shop.create(FirstName="Zoe"), shop.create(FirstName="Chloe")
    client.merge_profiles(
        DomainName=shop.name, MainProfileId=profile_id, ProfileIdsToBeMerged=[merged]
    )
    pair = {"ProfileId": profile_id, "OtherProfileId": other}
    invoke("DecideNotSame", {"DomainName": shop.name, **pair}, caller)
    client.put_integration(
        DomainName=shop.name, Uri=f"arn:aws:s3:::{shop.name}", ObjectTypeName="Thing"
    )
    client.update_domain(
        DomainName=shop.name,
        DefaultExpirationDays=100,
        DeadLetterQueueUrl="https://sqs.us-east-1.amazonaws.com/1/q",
        RuleBasedMatching={"Enabled": False},
    )
    return shop


def files_of(path: Path) -> dict[str, bytes]:
    """All of an archive but for what names the domain and the moment."""
    return {name: content for name, content in archive.files(path) if name != archive.MANIFEST}


@pytest.mark.clear_only(reason="keys are in the order in which they are stored")
@pytest.mark.parametrize("ending", ["", ".tar.gz"])
def test_export_import_export_gives_the_same_bytes(
    full, export, bring_back, database, tmp_path, ending
):
    copy = f"{full.name}-copy"
    out, again = tmp_path / f"out{ending}", tmp_path / f"again{ending}"

    exported = export(full.name, out)
    imported = bring_back(out, copy)
    export(copy, again)

    assert exported == imported
    assert {part for part, rows in exported.items() if rows == 0} == set()
    assert files_of(out) == files_of(again)
    assert check_domain(database, copy) == check_domain(database, full.name)


def test_a_copy_answers_as_the_original(full, export, bring_back, tmp_path, client):
    copy = f"{full.name}-copy"
    export(full.name, tmp_path / "out")
    bring_back(tmp_path / "out", copy)

    def answers(domain: str) -> list[Any]:
        described = client.get_domain(DomainName=domain)
        types = client.list_profile_object_types(DomainName=domain)["Items"]
        found = client.search_profiles(
            DomainName=domain, KeyName="_email", Values=["a@example.com"]
        )
        (profile,) = found["Items"]
        assets = client.list_profile_objects(
            DomainName=domain, ObjectTypeName="_asset", ProfileId=profile["ProfileId"]
        )
        by_account = client.search_profiles(DomainName=domain, KeyName="_account", Values=["a1"])
        return [
            {
                name: described[name]
                for name in described
                if name not in {"DomainName", "ResponseMetadata"}
            },
            types,
            found["Items"],
            assets["Items"],
            by_account["Items"],
        ]

    assert answers(copy) == answers(full.name)


def test_a_copy_lives_on_as_the_original_would(full, export, bring_back, tmp_path, database):
    copy = f"{full.name}-copy"
    export(full.name, tmp_path / "out")
    bring_back(tmp_path / "out", copy)
    before = check_domain(database, copy)

    full.client.put_profile_object(
        DomainName=copy,
        ObjectTypeName="Device",
        Object=json.dumps({"id": "1", "owner": "a@example.com", "serial": "s2"}),
    )

    after = check_domain(database, copy)
    assert after["objects"] == before["objects"]


def test_an_export_is_of_one_state_while_others_write(full, export, bring_back, database, tmp_path):
    begun, go_on = threading.Event(), threading.Event()

    def watch(part: str, rows: int) -> None:
        if part == "profiles" and rows:
            begun.set()
            assert go_on.wait(10)

    with ThreadPoolExecutor(1) as threads:
        exporting = threads.submit(export, full.name, tmp_path / "out", watch)
        assert begun.wait(10)
        full.put("Thing", {"id": "late", "mail": "late@example.com"})
        full.client.update_domain(DomainName=full.name, DefaultExpirationDays=7)
        go_on.set()
        rows = exporting.result()

    bring_back(tmp_path / "out", f"{full.name}-copy")
    copied = check_domain(database, f"{full.name}-copy")
    assert copied["objects"] == rows["profile_objects"]
    assert copied["objects"] == check_domain(database, full.name)["objects"] - 1
    assert full.client.get_domain(DomainName=f"{full.name}-copy")["DefaultExpirationDays"] == 100


def test_a_missing_domain_cannot_be_exported(export, tmp_path):
    with pytest.raises(ResourceNotFound):
        export("nowhere", tmp_path / "out")

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_refused(shop, export, bring_back, tmp_path):
    export(shop.name, tmp_path / "out")

    with pytest.raises(BadRequest, match="already exists"):
        bring_back(tmp_path / "out", shop.name)


def test_an_archive_that_changes_between_check_and_import_leaves_nothing(
    shop, export, invoke, caller, tmp_path, client
):
    shop.create(FirstName="Ann")
    path = tmp_path / "out"
    export(shop.name, path)
    contents = archive.check(path)
    (path / "profiles" / "000001.jsonl").unlink()

    with pytest.raises(BadRequest, match="changed while it was read"):
        invoke(
            "ImportDomain",
            {
                "DomainName": f"{shop.name}-copy",
                "Path": path,
                "Contents": contents,
                "Watch": nobody,
            },
            caller,
        )

    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_domain(DomainName=f"{shop.name}-copy")


def test_importing_a_domain_is_noted_in_its_journal(shop, export, bring_back, tmp_path, database):
    export(shop.name, tmp_path / "out")
    bring_back(tmp_path / "out", f"{shop.name}-copy")

    with database.reading() as transaction:
        rows = transaction.rows(
            "select kind, subject from journal join domains using (domain_id) where name = %s",
            [f"{shop.name}-copy"],
        )
    assert rows == [("domain.imported", shop.name)]


def test_merges_can_be_undone_in_a_copy_and_decisions_hold_there(
    shop, export, bring_back, tmp_path, client, invoke, caller
):
    ann, bob, eve = (shop.create(FirstName=name) for name in ("Ann", "Bob", "Eve"))
    client.merge_profiles(DomainName=shop.name, MainProfileId=ann, ProfileIdsToBeMerged=[bob])
    invoke(
        "DecideNotSame", {"DomainName": shop.name, "ProfileId": ann, "OtherProfileId": eve}, caller
    )
    export(shop.name, tmp_path / "out")
    copy = f"{shop.name}-copy"

    bring_back(tmp_path / "out", copy)

    [merge] = invoke("ListMerges", {"DomainName": copy}, caller)["Items"]
    invoke("UndoMerge", {"DomainName": copy, "MergeId": merge["MergeId"]}, caller)
    found = client.batch_get_profile(DomainName=copy, ProfileIds=[ann, bob])
    assert [profile["FirstName"] for profile in found["Profiles"]] == ["Ann", "Bob"]
    [decision] = invoke("ListDecisions", {"DomainName": copy}, caller)["Items"]
    assert {decision["ProfileId"], decision["OtherProfileId"]} == {ann, eve}


def test_rules_and_matching_of_a_copy_reach_its_profiles(
    shop, export, bring_back, tmp_path, client, invoke, caller
):
    client.update_domain(
        DomainName=shop.name,
        Matching={"Enabled": True},
        RuleBasedMatching={"Enabled": True, "MatchingRules": [{"Rule": ["EmailAddress"]}]},
    )
    people = [shop.create(FirstName=name, EmailAddress="a@b.org") for name in ("Ann", "Anne")]
    export(shop.name, tmp_path / "out")
    copy = f"{shop.name}-copy"

    bring_back(tmp_path / "out", copy)
    while invoke("WorkOnMatchIndex", {}, caller)["IsWorking"]:
        continue

    similar = client.get_similar_profiles(
        DomainName=copy,
        MatchType="RULE_BASED_MATCHING",
        SearchKey="profileId",
        SearchValue=people[0],
    )
    assert similar["ProfileIds"] == sorted(people)
    rows = invoke("FindMatches", {"DomainName": copy, "ProfileId": people[0]}, caller)
    assert rows["ProfileId"] == people[0]
