"""Notes what callers do that the journal does not tell by itself."""

from collections.abc import Mapping
from typing import Any

from openprofiles.core.operation import Answer, Operation
from openprofiles.features.auditing import store
from openprofiles.features.context import Context

IN_JOURNAL = frozenset(
    {
        "AddProfileKey",
        "BatchPutProfileObject",
        "CreateProfile",
        "DeleteProfileKey",
        "DeleteProfileObject",
        "PutProfileObject",
        "ReceiveEvent",
        "UpdateProfile",
    }
)
"""Operations of every day, whose changes the journal has one by one: a note beside it would make
each of them slower and say nothing new.
"""

OF_COMMANDS = frozenset({"ExportDomain", "ImportDomain", "MakeFirstAccessKey"})
"""Operations without HTTP that somebody asks for nevertheless, by a command or at a first start.
Who takes everything out changes nothing, and is what an audit is read for.
"""

SUBJECTS = (
    "ObjectTypeName",
    "ObjectTypeNames",
    "Uri",
    "MergeId",
    "MainProfileId",
    "ProfileId",
    "ProfileIds",
    "JobId",
    "RunId",
    "ReplayId",
    "FileImportId",
    "WorkflowId",
    "RejectionId",
    "ErasureId",
    "ConnectionName",
    "EventSourceName",
    "AccessKeyId",
    "PolicyName",
    "Name",
    "resourceArn",
)
"""Members that name what an operation was about: ids and names of resources, never values."""


def note(
    context: Context, operation: Operation, request: Any, answer: Answer | None, *, is_offered: bool
) -> None:
    """Note that the caller did something, in its transaction. Not what only reads, what the journal
    tells, and the steps of our own work that nobody asks for.
    """
    if operation.reads_only or operation.name in IN_JOURNAL:
        return
    # A first key that was there already has no answer.
    if not is_offered and not (operation.name in OF_COMMANDS and answer):
        return
    store.insert(
        context.transaction,
        context.caller,
        act_id=context.ordered_id(),
        now=context.now,
        operation=operation.name,
        domain_name=_domain_of(request),
        subject=_subject_of(request),
    )


def _domain_of(request: Mapping[str, Any]) -> str | None:
    name = request.get("DomainName")
    if name is None:
        # Tags are of what an ARN names: …:domains/{DomainName}/….
        _, _, path = request.get("resourceArn", "").partition(":domains/")
        name = path.partition("/")[0]
    return name or None


def _subject_of(request: Mapping[str, Any]) -> str | None:
    for member in SUBJECTS:
        value = request.get(member)
        if value:
            return value if isinstance(value, str) else ", ".join(value)
    return None
