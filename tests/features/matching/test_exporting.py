"""Matches in buckets (core reference §8.1, §8.3), on a server that speaks S3 and in folders."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from openprofiles.app import client_of, wire_of
from openprofiles.core.errors import BadRequest
from openprofiles.features import matching
from openprofiles.features.invoke import invoker
from openprofiles.features.matching import match_file
from openprofiles.features.matching.running import export_by_rules
from openprofiles.storage.buckets import Buckets
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA, BELA_AGAIN, Town

WEEKLY = {"S3Exporting": {"S3BucketName": "matches", "S3KeyName": "weekly/"}}
PARTS = (
    *("Address1", "Address2", "Address3", "Address4"),
    *("City", "County", "State", "Province", "Country", "PostalCode"),
)
HEADER = (
    "MatchingGroupId,ConfidenceScore,ProfileId,AccountNumber,AdditionalInformation,PartyType,"
    "BusinessName,FirstName,LastName,BirthDate,Gender,PhoneNumber,MobilePhoneNumber,"
    "HomePhoneNumber,BusinessPhoneNumber,EmailAddress,PersonalEmailAddress,BusinessEmailAddress,"
    + ",".join(
        f"{address}.{part}"
        for address in ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")
        for part in PARTS
    )
    + ",Attributes"
)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks S3."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(endpoint, monkeypatch) -> Any:
    """A client of that server, with a bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="matches")
    for item in client.list_objects_v2(Bucket="matches").get("Contents", ()):
        client.delete_object(Bucket="matches", Key=item["Key"])
    return client


def with_settings(town: Town, application: Any, clock: Any, **changes: Any) -> Town:
    """The town in a service with other settings."""
    settings = replace(application.settings, **changes)
    invoke = invoker(application.database, settings, clock)
    client = client_of(wire_of(invoke, settings), settings)
    machine = replace(town.machine, invoke=invoke, settings=settings)
    return replace(town, client=client, machine=machine)


@pytest.fixture
def s3_town(town, application, clock, endpoint, s3) -> Town:
    """A town whose buckets are on that server."""
    assert s3.list_buckets()["Buckets"]
    return with_settings(town, application, clock, s3_endpoint_url=endpoint)


@pytest.fixture
def folder_town(town, application, clock, tmp_path) -> Town:
    """A town whose buckets are folders."""
    return with_settings(town, application, clock, buckets_url=tmp_path.as_uri())


def keys(s3: Any) -> list[str]:
    """All keys in the bucket but that of the check."""
    found = s3.list_objects_v2(Bucket="matches").get("Contents", ())
    return [item["Key"] for item in found if not item["Key"].endswith("check")]


def test_a_job_writes_its_matches_to_the_bucket(s3_town, s3, clock):
    anna, again, bela, other = s3_town.settle(
        {
            **ANNA,
            "Gender": "FEMALE",
            "Address": {"City": "Graz, Mitte"},
            "Attributes": {"tier": "gold", "since": "2019"},
        },
        ANNA_AGAIN,
        BELA,
        BELA_AGAIN,
    )
    s3_town.enable(ExportingConfig=WEEKLY)
    clock.turn(hours=24)

    matching.run_due(s3_town.machine)

    _, item = s3_town.jobs()
    name = f"CustomerProfilesPendingMatches-{s3_town.name}-part-1.csv"
    assert item["Status"] == "COMPLETED"
    assert item["ExportingLocation"] == {
        "S3Exporting": {"S3BucketName": "matches", "S3KeyName": f"weekly/{item['JobId']}"}
    }
    assert keys(s3) == [f"weekly/{item['JobId']}/{name}"]
    text = s3.get_object(Bucket="matches", Key=keys(s3)[0])["Body"].read().decode()
    assert text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["MatchingGroupId"] for row in rows] == ["0", "0", "1", "1"]
    assert [row["ProfileId"] for row in rows] == [*sorted([anna, again]), *sorted([bela, other])]
    [row] = [row for row in rows if row["ProfileId"] == anna]
    assert {name: value for name, value in row.items() if value} == {
        "MatchingGroupId": "0",
        "ConfidenceScore": row["ConfidenceScore"],
        "ProfileId": anna,
        "FirstName": "Anneliese",
        "LastName": "Krawczynski",
        "Gender": "FEMALE",
        "EmailAddress": "a.kraw@kraw.net",
        "Address.City": "Graz, Mitte",
        "Attributes": row["Attributes"],
    }
    assert row["Attributes"] in ("{tier=gold, since=2019}", "{since=2019, tier=gold}")
    assert 0.5 <= float(row["ConfidenceScore"]) <= 1


def test_where_matches_are_merged_there_are_no_pending_ones(s3_town, s3, clock):
    s3_town.settle(ANNA, ANNA_AGAIN)
    consolidation = {"MatchingAttributesList": [["FirstName"]]}
    s3_town.enable(
        ExportingConfig=WEEKLY, AutoMerging={"Enabled": True, "Consolidation": consolidation}
    )
    clock.turn(hours=24)

    matching.run_due(s3_town.machine)

    assert keys(s3) == []
    assert "ExportingLocation" not in s3_town.jobs()[1]


def test_a_file_without_matches_has_its_header(folder_town, tmp_path):
    (tmp_path / "matches").mkdir()
    folder_town.enable(ExportingConfig={"S3Exporting": {"S3BucketName": "matches"}})

    job = folder_town.run()

    [file] = (tmp_path / "matches" / job["JobId"]).iterdir()
    assert file.read_text("utf-8") == f"{HEADER}\n"


def test_a_bucket_that_cannot_be_written_to_is_refused_at_once(s3_town):
    exporting = {"S3Exporting": {"S3BucketName": "elsewhere"}}

    with pytest.raises(s3_town.client.exceptions.BadRequestException, match="elsewhere"):
        s3_town.enable(ExportingConfig=exporting)
    with pytest.raises(s3_town.client.exceptions.BadRequestException, match="RuleBasedMatching"):
        s3_town.client.create_domain(
            DomainName="new",
            DefaultExpirationDays=30,
            RuleBasedMatching={"Enabled": True, "ExportingConfig": exporting},
        )

    assert s3_town.jobs() == []


def test_a_bucket_that_is_a_missing_folder_is_refused(folder_town):
    with pytest.raises(folder_town.client.exceptions.BadRequestException, match="no such folder"):
        folder_town.enable(ExportingConfig=WEEKLY)


def test_a_bucket_is_checked_when_it_is_named_anew(folder_town, tmp_path):
    (tmp_path / "matches").mkdir()
    folder_town.enable(ExportingConfig=WEEKLY)
    (tmp_path / "matches" / "weekly" / "openprofiles-write-check").unlink()
    (tmp_path / "matches" / "weekly").rmdir()
    (tmp_path / "matches").rmdir()

    folder_town.enable(ExportingConfig=WEEKLY, AutoMerging={"Enabled": False})


def test_a_job_whose_bucket_is_gone_keeps_its_matches_and_says_so(s3_town, s3):
    anna, again = s3_town.settle(ANNA, ANNA_AGAIN)
    s3_town.enable(ExportingConfig=WEEKLY)
    for item in s3.list_objects_v2(Bucket="matches")["Contents"]:
        s3.delete_object(Bucket="matches", Key=item["Key"])
    s3.delete_bucket(Bucket="matches")

    job = s3_town.run()

    assert job["Status"] == "PARTIAL_SUCCESS"
    assert "Bucket matches cannot be written to" in job["Message"]
    assert s3_town.matches() == [{anna, again}]


def test_a_server_is_found_as_the_tools_of_aws_find_it(s3, endpoint, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    Buckets("s3://", "us-east-1").write("matches", "there", [b"some", b"thing"])

    assert s3.get_object(Bucket="matches", Key="there")["Body"].read() == b"something"


def test_matches_by_rules_are_written_too(folder_town, tmp_path, clock):
    (tmp_path / "matches").mkdir()
    folder_town.client.update_domain(
        DomainName=folder_town.name,
        RuleBasedMatching={
            "Enabled": True,
            "MatchingRules": [{"Rule": ["EmailAddress"]}],
            "ExportingConfig": WEEKLY,
        },
    )
    folder_town.client.create_domain(DomainName="without-rules", DefaultExpirationDays=30)
    ids = folder_town.settle(ANNA, ANNA_AGAIN, BELA)

    export_by_rules(folder_town.machine.invoke, folder_town.machine.caller)

    [file] = (tmp_path / "matches" / "weekly" / f"rule-based-{clock():%Y-%m-%d}").iterdir()
    rows = list(csv.DictReader(StringIO(file.read_text("utf-8"))))
    assert [row["ProfileId"] for row in rows] == sorted(ids[:2])
    assert {row["ConfidenceScore"] for row in rows} == {""}


def test_rules_without_a_bucket_are_not_exported(town):
    with pytest.raises(BadRequest, match="no ExportingConfig"):
        town.own("ExportRuleBasedMatches")


def test_rules_whose_bucket_is_gone_hold_up_nothing(folder_town, tmp_path):
    (tmp_path / "matches" / "weekly").mkdir(parents=True)
    folder_town.client.update_domain(
        DomainName=folder_town.name,
        RuleBasedMatching={"Enabled": True, "ExportingConfig": WEEKLY},
    )
    (tmp_path / "matches").rename(tmp_path / "others")

    export_by_rules(folder_town.machine.invoke, folder_town.machine.caller)


@given(st.lists(st.integers(0, 3), max_size=9), st.integers(1, 5))
def test_parts_hold_all_groups_in_order(sizes, rows):
    groups = [(size, f"{number}\n".encode() * size) for number, size in enumerate(sizes)]

    parts = [b"".join(part) for part in match_file.in_parts(iter(groups), rows)]

    assert parts
    header = match_file.header_line()
    assert all(part.startswith(header) for part in parts)
    together = b"".join(part.removeprefix(header) for part in parts)
    assert together == b"".join(lines for _, lines in groups)
