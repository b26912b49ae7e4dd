"""Policies with a name, which keys of an account have."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.policies import Asked, Decision, evaluate, read
from openprofiles.features.access.builtin import BUILT_IN
from openprofiles.features.access.operations import policies
from openprofiles.features.authorizing import ACTIONS, Access
from tests.features.access.conftest import READING

POLICIES_PAGE = Path(__file__).parents[3] / "docs" / "howto" / "policies.md"
TASK = re.compile(
    r"^\| (?P<task>[^|`]+) \|(?P<marks>(?: (?:yes )?\|){4}) (?P<actions>`[^|]+) \|$", re.MULTILINE
)


def _may(policy: str, name: str) -> bool:
    asked = Asked(action=f"profile:{name}", resource="*", value_of=lambda _: None)
    return evaluate([read(BUILT_IN[policy])], asked) is Decision.ALLOWED


def test_a_policy_is_made_read_replaced_and_removed(call):
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)
    other = READING.replace("Get", "List")
    changed = call("PutPolicy", PolicyName="own", PolicyDocument=other)

    assert call("GetPolicy", PolicyName="own") == changed
    assert changed["PolicyDocument"] == other
    call("DeletePolicy", PolicyName="own")
    with pytest.raises(ResourceNotFound, match="Policy own does not exist"):
        call("GetPolicy", PolicyName="own")
    with pytest.raises(ResourceNotFound):
        call("DeletePolicy", PolicyName="own")


def test_policies_are_listed_after_the_built_in_ones(call):
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)

    listed = call("ListPolicies")["Items"]

    assert [item["PolicyName"] for item in listed] == [*BUILT_IN, "own"]
    assert call("GetPolicy", PolicyName="admin") == listed[0]


def test_what_is_not_sound_is_not_kept(call):
    with pytest.raises(BadRequest, match="PolicyDocument is not valid: The policy is not JSON"):
        call("PutPolicy", PolicyName="own", PolicyDocument="{")


def test_a_built_in_policy_stays(call):
    with pytest.raises(BadRequest, match="cannot be changed"):
        call("PutPolicy", PolicyName="admin", PolicyDocument=READING)
    with pytest.raises(BadRequest, match="cannot be removed"):
        call("DeletePolicy", PolicyName="admin")


def test_a_policy_that_a_key_has_stays(call):
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)
    call("CreateAccessKey", Name="ann", Policies=["own"])

    with pytest.raises(BadRequest, match="Policy own is that of an access key"):
        call("DeletePolicy", PolicyName="own")


def test_an_account_has_so_many_policies(call, monkeypatch):
    monkeypatch.setattr(policies, "MOST_POLICIES", 1)
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)

    with pytest.raises(BadRequest, match="the most there are"):
        call("PutPolicy", PolicyName="other", PolicyDocument=READING)


def test_policies_of_another_account_are_out_of_reach(call, invoke, caller):
    call("PutPolicy", PolicyName="own", PolicyDocument=READING)
    other = replace(caller, account_id="999999999999")

    with pytest.raises(ResourceNotFound):
        invoke("GetPolicy", {"PolicyName": "own"}, other)


@pytest.mark.parametrize("name", ACTIONS)
def test_built_in_policies_allow_what_they_are_for(name):
    looks = ACTIONS[name].access in (Access.LIST, Access.READ) or name == "ListTagsForResource"

    assert _may("admin", name)
    assert _may("read-only", name) is looks
    assert _may("agent", name) >= looks
    assert _may("steward", name) >= _may("agent", name)


@pytest.mark.parametrize("name", ["agent", "steward"])
def test_nobody_but_an_admin_changes_what_a_domain_is(name):
    assert not any(
        _may(name, action)
        for action in (
            "DeleteDomain",
            "DeleteIntegration",
            "DeleteProfileObjectType",
            "PutConnection",
            "PutIntegration",
            "TagResource",
            "UpdateDomain",
        )
    )
    assert not any(
        _may(name, action)
        for action, known in ACTIONS.items()
        if known.access is Access.PERMISSIONS
    )


@pytest.mark.parametrize(
    "task", [*TASK.finditer(POLICIES_PAGE.read_text("utf-8"))], ids=lambda task: task["task"]
)
def test_roles_may_do_what_the_docs_say(task):
    marks = [mark.strip() == "yes" for mark in task["marks"].split("|")[:-1]]
    actions = re.findall(r"`(\w+)`", task["actions"])

    assert actions
    for policy, mark in zip(("read-only", "agent", "steward", "admin"), marks, strict=True):
        assert {_may(policy, action) for action in actions} == {mark}, policy


def test_the_docs_name_all_that_a_steward_may_and_a_viewer_may_not():
    named = set(re.findall(r"`(\w+)`", POLICIES_PAGE.read_text("utf-8")))
    beyond_looking = {
        name for name in ACTIONS if _may("steward", name) and not _may("read-only", name)
    }

    assert beyond_looking <= named
