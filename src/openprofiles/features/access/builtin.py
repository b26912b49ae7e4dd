"""Policies that every account has, for what people do: look, help customers, keep data, run it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

_LOOKING = (
    "BatchGet*",
    "Count*",
    "Describe*",
    "Detect*",
    "Explain*",
    "Find*",
    "Get*",
    "List*",
    "Preview*",
    "Search*",
)
_SECURITY = ("GetAccessKey", "GetPolicy", "ListAccessKeys", "ListPolicies")
"""Who may do what is for admins to see, too."""

_HELPING = (
    "AddProfileKey",
    "BatchPutProfileObject",
    "CreateProfile",
    "DeleteProfileKey",
    "PutProfileObject",
    "UndoProfileUpdate",
    "UpdateProfile",
)
_KEEPING = (
    "CancelIdentityResolutionJob",
    "DecideNotSame",
    "DecideReview",
    "DeleteProfile",
    "DeleteProfileObject",
    "DeleteTombstone",
    "DiscloseProfile",
    "DropRejectedObject*",
    "EraseProfile",
    "MergeProfiles",
    "PauseIntegration",
    "PutProfileObjectType",
    "ResumeIntegration",
    "RetryDeadLetters",
    "RetryFileImport",
    "RetryRejectedObject*",
    "RunFileImport",
    "StartFileImport",
    "StartIdentityResolutionJob",
    "StartIntegrationRun",
    "StartReplay",
    "StopFileImport",
    "StopIntegrationRun",
    "StopReplay",
    "UndoMerge",
    "WithdrawDecision",
)
"""Work on data, and on how they are mapped; neither on where they come from and how a domain is set
up, nor what removes a type or an integration with all that it brought.
"""


def _allowing(*actions: str) -> str:
    allow = {
        "Effect": "Allow",
        "Action": [f"profile:{action}" for action in actions],
        "Resource": "*",
    }
    statements: list[Mapping[str, Any]] = [allow]
    if actions != ("*",):
        deny = {
            "Effect": "Deny",
            "Action": [f"profile:{action}" for action in _SECURITY],
            "Resource": "*",
        }
        statements.append(deny)
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


BUILT_IN: Final[Mapping[str, str]] = {
    "admin": _allowing("*"),
    "agent": _allowing(*_LOOKING, *_HELPING),
    "read-only": _allowing(*_LOOKING),
    "steward": _allowing(*_LOOKING, *_HELPING, *_KEEPING),
}
"""Name -> document."""

PURPOSES: Final[Mapping[str, str]] = {
    "admin": "everything, access keys and policies included",
    "agent": "look at all, and change profiles",
    "read-only": "look at all but access keys and policies",
    "steward": "what an agent may, and merge, erase, import, map, replay, run integrations",
}


def names(given: Sequence[str]) -> list[str]:
    """Those of the names that are of policies of an account's own."""
    return [name for name in given if name not in BUILT_IN]
