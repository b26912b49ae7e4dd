"""AWS's own tools against a running service: the command line and the SDK for JavaScript."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Endpoint
from tests.npm import cannot, installed

JAVASCRIPT = Path(__file__).parent / "javascript"
SECONDS = 120
FIELDS = {
    "id": {"Source": "_source.id"},
    "email": {
        "Source": "_source.email",
        "Target": "_profile.EmailAddress",
        "ContentType": "EMAIL_ADDRESS",
    },
}
KEYS = {
    "personId": [{"StandardIdentifiers": ["UNIQUE"], "FieldNames": ["id"]}],
    "_email": [{"StandardIdentifiers": ["PROFILE"], "FieldNames": ["email"]}],
}


class CommandLine:
    """`aws customer-profiles …` about one domain."""

    def __init__(self, endpoint: Endpoint, domain: str) -> None:
        self._endpoint = endpoint
        self.domain = domain

    def __call__(self, command: str, *arguments: str) -> Any:
        """The command's answer."""
        done = self._run(command, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def refused(self, command: str, *arguments: str) -> str:
        """The error that the command prints."""
        done = self._run(command, *arguments)
        assert done.returncode != 0
        return done.stderr

    def _run(self, command: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [
                *(str(Path(sys.executable).with_name("aws")), "customer-profiles", command),
                *("--endpoint-url", self._endpoint.url, "--output", "json", *arguments),
            ],
            env={
                **os.environ,
                **self._endpoint.environment,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_MAX_ATTEMPTS": "1",
            },
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


@pytest.fixture
def domain() -> str:
    """The name of a domain that does not exist yet."""
    return f"domain-{uuid.uuid4().hex}"


@pytest.fixture
def aws(endpoint: Endpoint, domain: str) -> CommandLine:
    return CommandLine(endpoint, domain)


def test_the_command_line_makes_fills_and_searches_a_domain(aws: CommandLine):
    here = ("--domain-name", aws.domain)
    made = aws("create-domain", *here, "--default-expiration-days", "366", "--tags", "team=crm")
    aws(
        *("put-profile-object-type", *here, "--object-type-name", "person"),
        *("--description", "People", "--allow-profile-creation"),
        *("--fields", json.dumps(FIELDS), "--keys", json.dumps(KEYS)),
    )
    put = aws(
        *("put-profile-object", *here, "--object-type-name", "person"),
        *("--object", json.dumps({"id": "1", "email": "Ada@Example.org", "note": "Zoë 🙂"})),
    )

    [found] = aws(
        *("search-profiles", *here, "--key-name", "_email", "--values", "ada@example.org"),
        *("--max-results", "5"),
    )["Items"]
    [listed] = aws(
        *("list-profile-objects", *here, "--object-type-name", "person"),
        *("--profile-id", found["ProfileId"]),
    )["Items"]

    assert (made["DomainName"], made["Tags"]) == (aws.domain, {"team": "crm"})
    assert found["EmailAddress"] == "Ada@Example.org"
    assert listed["ProfileObjectUniqueKey"] == put["ProfileObjectUniqueKey"]
    assert json.loads(listed["Object"])["note"] == "Zoë 🙂"
    assert aws("get-domain", *here)["Stats"]["ObjectCount"] == 1


def test_the_command_line_tags_and_shows_errors(aws: CommandLine):
    here = ("--domain-name", aws.domain)
    arn = f"arn:aws:profile:us-east-1:000000000000:domains/{aws.domain}"
    aws("create-domain", *here, "--default-expiration-days", "366")

    aws("tag-resource", "--resource-arn", arn, "--tags", "a=1,b=2")
    aws("untag-resource", "--resource-arn", arn, "--tag-keys", "a")

    assert aws("list-tags-for-resource", "--resource-arn", arn) == {"tags": {"b": "2"}}
    again = aws.refused("create-domain", *here, "--default-expiration-days", "366")
    assert (
        f"(BadRequestException) when calling the CreateDomain operation: Domain {aws.domain} al"
        in again
    )
    missing = aws.refused("get-domain", "--domain-name", "none")
    assert "(ResourceNotFoundException) when calling the GetDomain operation" in missing
    too_long = aws.refused("update-domain", *here, "--default-expiration-days", "2000")
    assert "Value '2000' at 'defaultExpirationDays' failed to satisfy constraint" in too_long


@pytest.fixture(scope="module")
def node() -> str:
    """The path of Node.js, with the SDK for JavaScript installed."""
    node = shutil.which("node")
    if node is None:
        cannot("Node.js is not installed")
    installed(JAVASCRIPT)
    return node


def test_the_sdk_for_javascript_goes_the_whole_way(endpoint: Endpoint, domain: str, node: str):
    done = subprocess.run(
        [node, "journey.mjs", endpoint.url, domain],
        cwd=JAVASCRIPT,
        env={**os.environ, **endpoint.environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)

    _check_answers(steps)
    _check_errors(steps, domain)


def _check_answers(steps: dict[str, Any]) -> None:
    failed = {"missing", "twice", "badName", "notOffered"}
    assert {name: step for name, step in steps.items() if "error" in step}.keys() == failed
    assert steps["createDomain"]["createdAtIsADate"]
    assert steps["createDomain"]["Tags"] == {"team": "crm"}
    assert steps["createDomain"]["requestId"]
    assert steps["putType"]["Fields"]["phone"]["ContentType"] == "PHONE_NUMBER"
    assert len({steps[f"putObject{n}"]["ProfileObjectUniqueKey"] for n in (1, 2, 3)}) == 3
    [profile] = steps["search"]["Items"]
    assert (profile["FirstName"], profile["PhoneNumber"]) == ("Zoë 🙂", "+4930123456")
    assert len(steps["listFirstPage"]["Items"]) == 2
    [last] = steps["listLastPage"]["Items"]
    assert json.loads(last["Object"])["id"] == "1"
    assert steps["addKey"]["Values"] == ["a@example.org"]
    assert steps["getDomain"]["Stats"]["ProfileCount"] == 2
    assert steps["tags"]["tags"] == {"b": "ü"}
    assert steps["deleteDomain"]["status"] == 200


def _check_errors(steps: dict[str, Any], domain: str) -> None:
    errors = {name: (step.get("error"), step["status"]) for name, step in steps.items()}
    assert errors["missing"] == ("ResourceNotFoundException", 404)
    assert errors["twice"] == ("BadRequestException", 400)
    assert f"Domain {domain} already exists" in steps["twice"]["message"]
    assert errors["notOffered"] == ("BadRequestException", 400)
    assert "does not offer GetUploadJob" in steps["notOffered"]["message"]
    assert steps["missing"]["requestId"]
    # The name has a slash, so what a server makes of it that decodes paths first is a path.
    assert errors["badName"][1] in (400, 404)
