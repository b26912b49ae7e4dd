"""The table of actions has each operation, with resources that its request can name."""

import re
from pathlib import Path

import pytest
from botocore.session import get_session

from openprofiles.core.errors import AccessDenied
from openprofiles.features import tags
from openprofiles.features.authorizing.action import ACTIONS, KINDS, Access
from openprofiles.features.authorizing.target import Target, targets_of
from openprofiles.features.invoke import OPERATIONS
from openprofiles.features.tags.resource import KINDS as TAGGABLE

MODEL = get_session().get_service_model("customer-profiles")
OWN = {name: known.route for name, known in OPERATIONS.items() if known.route is not None}


def _members(name: str) -> set[str]:
    if name in OWN:
        return set(OWN[name].shape.__annotations__)
    shape = MODEL.operation_model(name).input_shape
    return set(shape.members) if shape else set()


def test_each_operation_is_an_action_and_each_action_an_operation():
    assert set(ACTIONS) == set(MODEL.operation_names) | set(OWN)


def test_a_request_names_what_its_action_touches():
    unnamed = {
        name
        for name, action in ACTIONS.items()
        if (action.is_in_domain and not action.names_target)
        and not {"DomainName", action.member or "DomainName"} <= _members(name)
    }

    assert unnamed == set()


def test_what_names_a_domain_is_judged_by_it():
    judged_by_account = {name for name, action in ACTIONS.items() if not action.is_in_domain}

    assert {name for name in judged_by_account if "DomainName" in _members(name)} == {
        # It is made, so there is nothing yet: AWS has it without a resource, too.
        "CreateDomain"
    }


def test_each_request_that_gives_tags_says_so():
    giving = {
        name for name in MODEL.operation_names if {"Tags", "tags", "tagKeys"} & _members(name)
    }

    assert giving == {name for name, action in ACTIONS.items() if action.has_tags}


def test_each_kind_that_can_have_tags_has_an_arn():
    assert set(KINDS) == set(TAGGABLE)


def test_what_only_reads_is_no_writing_action():
    reading = {name for name, known in OPERATIONS.items() if known.reads_only and name in ACTIONS}

    assert {
        name
        for name in reading
        if ACTIONS[name].access not in (Access.LIST, Access.READ, Access.PERMISSIONS)
    } == {"ExportRuleBasedMatches", "ListTagsForResource", "TestConnection"}


def test_what_is_in_a_domain_needs_the_domain_too(caller):
    request = {"DomainName": "blue", "ObjectTypeName": "Orders"}

    assert targets_of("GetProfileObjectType", request, caller) == (
        Target("blue"),
        Target("blue", "object-types/Orders"),
    )


def test_a_name_that_is_not_there_matches_only_what_matches_all(caller):
    [_, inside] = targets_of("GetIntegration", {"DomainName": "blue"}, caller)

    assert inside == Target("blue", "integrations/*")
    assert targets_of("GetIntegration", {}, caller) == (Target(),)


def test_an_arn_names_its_resource_whatever_its_partition(caller):
    arn = f"arn:aws-cn:profile:{caller.region}:{caller.account_id}:domains/blue/integrations/a:b/c"

    targets = targets_of("TagResource", {"resourceArn": arn}, caller)

    assert tags.parse_arn(arn).path == targets[1].path
    assert [target.arn(caller).split(":")[1] for target in targets] == ["aws", "aws"]


def test_an_arn_of_another_account_stays_what_it_is(caller):
    arn = f"arn:aws:profile:{caller.region}:999999999999:domains/blue"

    [target] = targets_of("TagResource", {"resourceArn": arn}, caller)

    assert target.arn(caller) == arn


def _documented() -> dict[str, str]:
    """Action -> the resources that the page on actions says it needs."""
    page = (Path(__file__).parents[3] / "docs/reference/actions.md").read_text("utf-8")
    rows = re.findall(r"^\| `profile:(\w+)` (?:\| [^|]+ ){2}\| ([^|;]+)", page, re.MULTILINE)
    return {name: needed.strip() for name, needed in rows}


def test_the_page_on_actions_has_each_of_them():
    assert set(_documented()) == set(ACTIONS)


@pytest.mark.parametrize(("name", "needed"), _documented().items())
def test_each_resource_that_the_page_names_is_needed(invoke, caller, as_ann, arn_of, name, needed):
    domain = arn_of("d")
    if needed == "`*`":
        needs = ["*"]
    elif needed.startswith("that which"):
        needs = [domain, f"{domain}/object-types/x"]
    else:
        kinds = [kind.strip() for kind in needed.split(",")]
        needs = [domain, *(f"{domain}/{kind}/x" for kind in kinds if kind != "domains")]
    request = {"DomainName": "d", "resourceArn": f"{domain}/object-types/x", "tagKeys": ["x"]}
    request |= dict.fromkeys(KINDS.values(), "x")

    for arn in needs:
        others = [other for other in needs if other != arn] or ["arn:aws:s3:::x"]
        ann = as_ann(caller, {"Resource": others})
        with pytest.raises(AccessDenied) as refusal:
            invoke(name, request, ann)
        assert str(refusal.value).endswith(f"profile:{name} on resource: {arn}")
