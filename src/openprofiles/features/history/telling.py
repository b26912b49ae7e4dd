"""The whole history of a profile at once, with what was there each time."""

from collections.abc import Iterator
from typing import Any

import msgspec

from openprofiles.core.ids import LAST, Id
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.history.action import ENDS, PROFILE, actions_of
from openprofiles.features.history.image import Image
from openprofiles.features.history.operations import as_response, document_of
from openprofiles.storage import journal

ENTRIES_AT_ONCE = 1000


def tell(context: Context, domain: domains.Domain, profile_id: Id) -> Iterator[dict[str, Any]]:
    """The records of a profile, the newest first, each with its `Content` as JSON has it. What the
    history has no record of is told by its `Kind`.
    """
    now = profiles.read_fields(context, domain, [profile_id])
    image = Image(now.get(profile_id))
    before = LAST
    while entries := journal.list_of_profile(
        context.transaction, domain.id, profile_id, before=before, limit=ENTRIES_AT_ONCE
    ):
        for entry in entries:
            if entry.kind in ENDS:
                image.fields = entry.detail.get("fields")
            actions = actions_of(entry)
            for action in actions:
                content: Any = image.fields
                if action.object_type != PROFILE:
                    text = document_of(context, domain, action)
                    content = None if text is None else msgspec.json.decode(text)
                elif "keys" in entry.detail:
                    content = entry.detail["keys"]
                yield {**as_response(action), "ProfileId": profile_id, "Content": content}
            if not actions:
                yield {
                    "Id": entry.id,
                    "Kind": entry.kind,
                    "CreatedAt": entry.at,
                    "PerformedBy": entry.performer,
                    "ProfileId": profile_id,
                    "Content": entry.detail,
                }
            image.go_back([entry])
        before = entries[-1].id
