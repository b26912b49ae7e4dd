"""All that is held on a person, for them to read."""

from collections.abc import Sequence
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features import (
    domains,
    history,
    integrations,
    matching,
    profiles,
    rejections,
)
from openprofiles.features.context import Context
from openprofiles.features.erasure.erasing import find_mapping, marks_of

OBJECTS_AT_ONCE = 2000


def disclose(context: Context, domain: domains.Domain, ids: Sequence[Id]) -> dict[str, Any]:
    """What is held on profiles, by kind: each kind is a list."""
    person = profiles.read_person(context, domain, ids)
    told: dict[str, list[Any]] = {
        **person.as_response(),
        "FormerObjects": _former(context, domain, ids),
        "History": [
            record for profile_id in ids for record in history.tell(context, domain, profile_id)
        ],
        "Merges": _merges(context, domain, ids),
        "Matches": [],
        "Decisions": [],
        "Integrations": _integrations(context, domain, person),
        **_rejected(context, domain, person, ids),
    }
    for profile in person.profiles:
        for kind, found in matching.tell_profile(context, domain, profile.id).items():
            told[kind] += found
    return told


def _former(context: Context, domain: domains.Domain, ids: Sequence[Id]) -> list[dict[str, Any]]:
    return [
        {
            "ObjectTypeName": object_type,
            "ProfileObjectUniqueKey": profiles.key_as_text(bytes(key)),
            "GoneAt": gone_at,
            "Object": document,
        }
        for object_type, key, _, document, gone_at in profiles.list_former(
            context.transaction, domain.id, ids
        )
    ]


def _merges(context: Context, domain: domains.Domain, ids: Sequence[Id]) -> list[dict[str, Any]]:
    found: dict[Id, dict[str, Any]] = {}
    for profile_id in ids:
        for receipt in profiles.tell_merges(context, domain, profile_id):
            found[receipt["MergeId"]] = receipt
    return list(found.values())


def _integrations(
    context: Context, domain: domains.Domain, person: profiles.Person
) -> list[dict[str, Any]]:
    """The integrations that bring objects of the types that the person has."""
    types = {item.object_type for item in person.objects}
    return [
        {"Uri": uri, "ObjectTypeName": object_type}
        for uri, object_type in integrations.list_bringing(context, domain, types)
    ]


def _rejected(
    context: Context, domain: domains.Domain, person: profiles.Person, ids: Sequence[Id]
) -> dict[str, list[Any]]:
    objects = [(item.object_type, item.unique_key) for item in person.objects]
    marks = marks_of(context, domain, person.keys(), objects, ids)
    is_theirs = marks.finder(lambda name: find_mapping(context, domain, name))
    told: dict[str, list[Any]] = {"RejectedObjects": [], "DeadLetters": []}
    place = None
    while True:
        page = rejections.read_page(context, domain, place, limit=OBJECTS_AT_ONCE)
        told["RejectedObjects"] += [
            item.as_response()
            for item in page.objects
            if is_theirs(item.object_type, item.document or "")
        ]
        told["DeadLetters"] += [
            {"ObjectTypeName": item.object_type, "Reason": item.reason, "Object": item.document}
            for item in page.letters
            if is_theirs(item.object_type, item.document)
        ]
        place = page.place
        if place is None:
            return told
