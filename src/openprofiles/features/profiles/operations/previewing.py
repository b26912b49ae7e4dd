"""PreviewProfileObject, beyond the AWS API: try a mapping before it is put, and an object before it
is.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from openprofiles.core.operation import Answer, Operation, Route, operation
from openprofiles.core.shapes import DomainName, ObjectTypeName
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile_object
from openprofiles.features.profiles.ingest import NotAnObject, read_document
from openprofiles.features.profiles.previewing import Preview, preview
from openprofiles.features.profiles.profile import as_response
from openprofiles.features.profiles.profile_object import StandardRecord

Text = Annotated[str, Meta(max_length=1000)]
ContentType = Literal["STRING", "NUMBER", "PHONE_NUMBER", "EMAIL_ADDRESS", "NAME"]


class DraftField(TypedDict):
    """A field as PutProfileObjectType takes it, or not yet."""

    Source: NotRequired[Text]
    Target: NotRequired[Text]
    ContentType: NotRequired[ContentType]


class DraftKey(TypedDict):
    """An entry of a key."""

    StandardIdentifiers: NotRequired[list[Annotated[str, Meta(max_length=64)]]]
    FieldNames: NotRequired[list[Annotated[str, Meta(max_length=64)]]]


class PreviewRequest(TypedDict):
    """An object, and the members of PutProfileObjectType that matter for it; the type as it is
    stored, or the template of its name, without Fields, Keys and TemplateId.
    """

    DomainName: DomainName
    ObjectTypeName: ObjectTypeName
    Object: NotRequired[str]
    Fields: NotRequired[dict[str, DraftField]]
    Keys: NotRequired[dict[str, list[DraftKey]]]
    TemplateId: NotRequired[Annotated[str, Meta(max_length=64)]]
    AllowProfileCreation: NotRequired[bool]
    SourceLastUpdatedTimestampFormat: NotRequired[Annotated[str, Meta(max_length=255)]]
    SourcePriority: NotRequired[Annotated[int, Meta(ge=1)]]
    ExpirationDays: NotRequired[Annotated[int, Meta(ge=1, le=1098)]]
    MaxProfileObjectCount: NotRequired[Annotated[int, Meta(ge=1)]]
    EncryptionKey: NotRequired[Annotated[str, Meta(max_length=255)]]


@operation(
    "PreviewProfileObject",
    reads_only=True,
    route=Route(
        "POST", "/domains/{DomainName}/object-types/{ObjectTypeName}/preview", PreviewRequest
    ),
)
def preview_profile_object(context: Context, request: PreviewRequest) -> Answer:
    """What an object would become through a mapping, without either being put: the problems of the
    mapping, what each field reads, keys, and the profile and standard records as they would be.

    While there are problems, the answer has the fields and records that come from what is sound.
    """
    domain = domains.require(context, request["DomainName"])
    draft = object_types.draft_mapping(context, domain, request)
    answer: dict[str, Any] = {"Problems": [_problem(*problem) for problem in draft.problems]}
    if "Object" not in request:
        return answer
    try:
        document = read_document(request["Object"])
        sketch = draft.mapping.sketch(document.content)
    except NotAnObject as problem:
        return {**answer, **_refused(str(problem))}
    except object_types.Unmappable as problem:
        return {**answer, **_refused(problem.reason)}
    answer["FieldValues"] = sketch.texts
    if draft.problems:
        return {
            **answer,
            "Profile": _profile(sketch.fields),
            "Records": [
                {"ObjectTypeName": name, "Fields": fields}
                for name, fields in sketch.records.items()
            ],
        }
    found = preview(context, domain, draft.mapping, document)
    keys = [_key(*entry) for entry in draft.keys_of(sketch.texts)]
    return {**answer, "Keys": keys, **_as_response(found, sketch.fields)}


def _problem(member: str, message: str) -> dict[str, str]:
    return {"Member": member, "Message": message}


def _refused(reason: str) -> dict[str, str]:
    return {"Result": "REFUSED", "Reason": reason}


def _key(name: str, entry: Mapping[str, Any], value: str | None) -> dict[str, Any]:
    return {
        "KeyName": name,
        "StandardIdentifiers": list(entry.get("StandardIdentifiers") or ()),
        "FieldNames": list(entry["FieldNames"]),
        "Value": value,
    }


def _as_response(found: Preview, own: dict[str, Any]) -> dict[str, Any]:
    outcome = found.outcome
    is_known = outcome.result in ("attached", "updated")
    key = outcome.unique_key
    return {
        "Result": "REFUSED" if outcome.refused else outcome.result.upper(),
        "Reason": outcome.reason,
        "ProfileId": outcome.profile_id if is_known else None,
        "ProfileObjectUniqueKey": None if key is None else profile_object.as_text(key),
        "Profile": _profile(found.fields or own),
        "ChangedFields": list(found.changed),
        "KeptFields": list(found.kept),
        "Records": [_record(record) for record in found.records],
    }


def _profile(fields: dict[str, Any]) -> dict[str, Any]:
    """A profile in the API's shape, without an id: one that would be made has none yet."""
    shown = as_response("", fields)
    del shown["ProfileId"]
    return shown


def _record(record: StandardRecord) -> dict[str, Any]:
    return {
        "ObjectTypeName": record.record_type,
        "Fields": record.fields,
        "IsNew": record.is_new,
    }


OPERATIONS: tuple[Operation, ...] = (preview_profile_object,)
