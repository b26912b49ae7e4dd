"""Clients that are allowed what a test says."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from openprofiles.app import client_of, wire_of
from openprofiles.core.operation import Answer, Caller, Parameters
from openprofiles.core.policies import Policy, read

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

ANN = "arn:aws:iam::{account}:user/ann"


def allowing(*statements: dict[str, Any]) -> tuple[Policy, ...]:
    """A policy of these statements, which allow everything but for what they say."""
    whole = [{"Effect": "Allow", "Action": "*", "Resource": "*"} | given for given in statements]
    return (read(json.dumps({"Version": "2012-10-17", "Statement": whole})),)


@pytest.fixture
def as_ann(settings) -> Callable[..., Caller]:
    """Make of a caller one that a policy of these statements allows things."""

    def change(caller: Caller, *statements: dict[str, Any]) -> Caller:
        return replace(
            caller,
            principal="ann",
            principal_arn=ANN.format(account=settings.account_id),
            policies=allowing(*statements),
            source_ip="203.0.113.7",
            signed_region=settings.region,
            is_secure=True,
        )

    return change


@pytest.fixture
def client_as(application, as_ann) -> "Callable[..., CustomerProfilesClient]":
    """Make a client that may do what these statements say."""

    def make(*statements: dict[str, Any]) -> "CustomerProfilesClient":
        def invoke(name: str, parameters: Parameters, caller: Caller) -> Answer:
            return application.invoke(name, parameters, as_ann(caller, *statements))

        return client_of(wire_of(invoke, application.settings), application.settings)

    return make


@pytest.fixture
def arn_of(settings) -> Callable[..., str]:
    """The ARN of a domain, or of something in it."""

    def make(domain: str, path: str = "") -> str:
        end = f"/{path}" if path else ""
        return f"arn:aws:profile:{settings.region}:{settings.account_id}:domains/{domain}{end}"

    return make
