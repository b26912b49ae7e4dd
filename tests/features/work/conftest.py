"""A shop at which something is always done."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from openprofiles.core.operation import Caller
from openprofiles.core.policies import read
from tests.console.data_in import Shop


@pytest.fixture
def shop(client, domain, invoke, caller) -> Shop:
    """A fresh domain with customers and orders."""
    found = Shop(client, domain, invoke, caller)
    found.define()
    found.put("Customer", id="1", name="Ann", mail="ann@example.com")
    return found


Begin = Callable[[], Any]


@pytest.fixture
def begin(shop: Shop) -> dict[str, Begin]:
    """Kind -> how one of it is begun."""
    source = [["customers.csv", 9, 1]]
    return {
        "IDENTITY_RESOLUTION": lambda: shop.ask("StartIdentityResolutionJob"),
        "FILE_IMPORT": lambda: shop.ask(
            "StartFileImport", ObjectTypeName="Customer", FileName="customers.csv"
        ),
        "COMMAND_IMPORT": lambda: shop.ask(
            "StartImport", ObjectTypeName="Customer", Source=source, Restart=False
        ),
        "REPLAY": lambda: shop.ask("StartReplay", ObjectTypeName="Customer", DryRun=True),
        "INTEGRATION_RUN": lambda: shop.ask("StartIntegrationRun", Uri=shop.flow("drop")),
        "ERASURE": lambda: shop.ask("EraseProfile", KeyName="customerId", Values=["1"]),
    }


@pytest.fixture
def allowed(caller: Caller) -> Callable[..., Caller]:
    """Make a caller who may do these actions only."""

    def make(*actions: str) -> Caller:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [f"profile:{action}" for action in actions],
                    "Resource": "*",
                }
            ],
        }
        arn = f"arn:aws:iam::{caller.account_id}:user/somebody"
        return replace(caller, policies=(read(json.dumps(policy)),), principal_arn=arn)

    return make
