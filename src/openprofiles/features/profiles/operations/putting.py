"""PutProfileObject and BatchPutProfileObject (core reference §2.5, §4, §11)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Call, Parameters, operation
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context
from openprofiles.features.profiles import profile_object
from openprofiles.features.profiles.ingest import Document, NotAnObject, ingest, read_document
from openprofiles.features.profiles.placing import Outcome
from openprofiles.storage import locks

if TYPE_CHECKING:
    from types_boto3_customer_profiles import type_defs as shapes


def _place_of(parameters: Parameters) -> tuple[str, str]:
    """Puts of one type into one domain may share a transaction."""
    return parameters["DomainName"], parameters["ObjectTypeName"]


@operation("PutProfileObject", group=_place_of)
def put_profile_objects(context: Context, calls: Sequence[Call]) -> list[Answer | BadRequest]:
    """Ingest one object for each call; its key comes back even when it ends among the rejected."""
    domain, mapping = _require_place(context, *_place_of(calls[0].parameters))
    answers: dict[int, Answer | BadRequest] = {}
    documents: dict[int, Document] = {}
    for place, call in enumerate(calls):
        try:
            documents[place] = read_document(call.parameters["Object"], call.caller)
        except NotAnObject as problem:
            answers[place] = BadRequest(str(problem))
    outcomes = ingest(context, domain, mapping, list(documents.values()))
    answers.update(zip(documents, map(_answer, outcomes), strict=True))
    return [answers[place] for place in range(len(calls))]


def _answer(outcome: Outcome) -> Answer | BadRequest:
    if outcome.unique_key is None:
        return BadRequest(outcome.reason or "")
    return {"ProfileObjectUniqueKey": profile_object.as_text(outcome.unique_key)}


@operation("BatchPutProfileObject")
def batch_put_profile_object(
    context: Context, request: "shapes.BatchPutProfileObjectRequestTypeDef"
) -> dict[str, Any]:
    """Ingest up to ten objects of one type in their order, each on its own."""
    domain, mapping = _require_place(context, request["DomainName"], request["ObjectTypeName"])
    items = {item["Id"]: item["Object"] for item in request["Items"]}
    if len(items) < len(request["Items"]):
        raise BadRequest("Items has an Id more than once")
    documents: dict[str, Document] = {}
    problems: dict[str, str] = {}
    for item_id, text in items.items():
        try:
            documents[item_id] = read_document(text)
        except NotAnObject as problem:
            problems[item_id] = str(problem)
    outcomes = ingest(context, domain, mapping, list(documents.values()))
    return _batch_answer(items, problems, dict(zip(documents, outcomes, strict=True)))


def _batch_answer(
    item_ids: Mapping[str, str], problems: Mapping[str, str], outcomes: Mapping[str, Outcome]
) -> dict[str, Any]:
    successful, failed = [], []
    for item_id in item_ids:
        outcome = outcomes.get(item_id)
        if outcome is not None and outcome.unique_key is not None:
            key = profile_object.as_text(outcome.unique_key)
            successful.append({"Id": item_id, "ProfileObjectUniqueKey": key})
        else:
            reason = problems[item_id] if outcome is None else outcome.reason
            failed.append({"Id": item_id, "Code": BadRequest.status, "Message": reason})
    return {"Successful": successful, "Failed": failed}


def _require_place(
    context: Context, domain_name: str, type_name: str
) -> tuple[domains.Domain, object_types.Mapping]:
    """Where objects of a type are put, for writing: both questions travel together."""
    locks.share_domain(context.transaction, context.caller.account_id, domain_name)
    mapping = object_types.ask_mapping(context, domain_name, type_name)
    return domains.require(context, domain_name), mapping()


OPERATIONS = (put_profile_objects, batch_put_profile_object)
