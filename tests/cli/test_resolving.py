"""`openprofiles resolve`, `preview`, `explain` and `decide`."""

import json
import threading
from functools import partial
from typing import Any

import pytest

from openprofiles import cli
from openprofiles.cli import resolving
from openprofiles.features import matching
from openprofiles.storage.sessions import holding
from tests.features.matching.conftest import ANNA, ANNA_AGAIN, BELA


@pytest.fixture
def people(client, domain) -> list[str]:
    """Three profiles, two of one person."""
    return [
        client.create_profile(DomainName=domain, **person)["ProfileId"]
        for person in (ANNA, ANNA_AGAIN, BELA)
    ]


@pytest.fixture
def run(options, domain, capsys):
    """Run a command on the domain; its exit code and what it printed."""

    def run(command: str, *arguments: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as end:
            cli.main([command, *arguments, "--domain", domain, *options])
        return end.value.code, *capsys.readouterr()

    return run


def test_a_domain_is_resolved(run, client, domain, people):
    code, out, _ = run("resolve")

    assert (code, out) == (0, "COMPLETED: 3 profiles, 1 matches, 0 merged away\n")
    [match] = client.get_matches(DomainName=domain)["Matches"]
    assert match["ProfileIds"] == sorted(people[:2])


def test_what_did_not_work_is_said(run, client_with, domain, monkeypatch, tmp_path):
    bucket = tmp_path / "matches"
    bucket.mkdir()
    monkeypatch.setenv("OPENPROFILES_BUCKETS_URL", tmp_path.as_uri())
    client_with(buckets_url=tmp_path.as_uri()).update_domain(
        DomainName=domain,
        Matching={
            "Enabled": True,
            "ExportingConfig": {"S3Exporting": {"S3BucketName": "matches"}},
        },
    )
    bucket.rename(tmp_path / "elsewhere")

    code, out, _ = run("resolve")

    assert code == 1
    assert out.startswith("PARTIAL_SUCCESS")
    assert "Bucket matches does not exist" in out


def test_a_missing_domain_is_said(options, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["resolve", "--domain", "nowhere", *options])

    assert end.value.code == 1
    assert "Domain nowhere does not exist" in capsys.readouterr().err


def test_a_job_that_another_process_runs_is_waited_for(
    run, domain, people, monkeypatch, application, settings, caller
):
    assert people
    name = f"openprofiles identity resolution {settings.account_id} {domain}"
    other = holding(application.database.conninfo, name)
    assert other.__enter__()
    looks: list[float] = []

    def look(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) > 1:
            return
        # Now the other one does what it holds.
        other.__exit__(None, None, None)
        [job] = application.invoke("ListIdentityResolutionJobs", {"DomainName": domain}, caller)[
            "IdentityResolutionJobsList"
        ]
        machine = matching.Machine(
            invoke=application.invoke,
            hold=partial(holding, application.database.conninfo),
            settings=settings,
            caller=caller,
        )
        thread = threading.Thread(target=matching.run_one, args=(machine, domain, job["JobId"]))
        thread.start()
        thread.join()

    monkeypatch.setattr("openprofiles.cli.resolving.sleep", look)

    code, out, _ = run("resolve")

    assert (code, looks) == (0, [resolving.LOOK_SECONDS])
    assert out.startswith("COMPLETED")


def test_a_preview_shows_what_would_be_merged(run, people):
    run("resolve")

    code, out, _ = run("preview", "--by", "FirstName, EmailAddress", "--by", "FirstName")

    assert code == 0
    assert f"{people[1]} into {people[0]}" in out
    assert "LastName: Krawczynski | Krawczynsky" in out
    assert out.endswith("1 of 1 matches would be merged, 1 profiles merged away\n")
    _, out, _ = run("preview", "--by", "FirstName", "--min-confidence", "1", "--top", "1")
    assert out == "0 of 0 matches would be merged, 0 profiles merged away\n"


def test_a_preview_needs_criteria(run):
    code, _, error = run("preview")

    assert code == 1
    assert "Consolidation" in error


def test_a_pair_is_explained(run, people, tmp_path):
    run("resolve")

    _, text, _ = run("explain", *people[:2])
    _, told, _ = run("explain", *people[:2], "--json")
    run("explain", *people[:2], "--chart", str(tmp_path / "pair.vl.json"))

    assert text.startswith("confidence 0.")
    assert json.loads(told)["Text"] + "\n" == text
    drawn = json.loads((tmp_path / "pair.vl.json").read_text())
    assert drawn == json.loads(told)["Waterfall"]
    [total] = [row["to"] for row in drawn["data"]["values"] if row["step"] == "weight"]
    assert total == pytest.approx(json.loads(told)["Weight"], abs=1e-3)


def test_what_is_decided_is_listed_and_withdrawn(run, people):
    run("decide", *people[:2])
    run("decide", people[0], people[2])
    _, listed, _ = run("decide")
    run("decide", *people[:2], "--withdraw")
    _, after, _ = run("decide")

    assert len(listed.splitlines()) == 2
    [line] = after.splitlines()
    assert line.split()[:2] == sorted([people[0], people[2]])
    assert line.endswith("openprofiles decide")


def test_decisions_of_many_pages_are_all_listed(run, client, domain, invoke, caller):
    ids = [client.create_profile(DomainName=domain)["ProfileId"] for _ in range(16)]
    for place, one in enumerate(ids):
        for other in ids[:place]:
            pair = {"DomainName": domain, "ProfileId": one, "OtherProfileId": other}
            invoke("DecideNotSame", pair, caller)

    _, listed, _ = run("decide")

    assert len(listed.splitlines()) == 16 * 15 / 2


def test_deciding_needs_two_profiles(run, people):
    code, _, error = run("decide", people[0])

    assert code == 1
    assert "Name two profiles" in error
