"""What matching keeps of a person: told, or forgotten."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from openprofiles.core.ids import Id
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.matching.online import store
from openprofiles.features.matching.operations.looking import explain_pair, get_similar_profiles
from openprofiles.features.matching.store import decisions, matches


def forget_profiles(
    context: Context,
    domain: domains.Domain,
    fields: Mapping[Id, Mapping[str, Any]],
    ids: Sequence[Id],
) -> dict[str, int]:
    """Forget the decisions, matches and index rows of profiles that are gone, and what runs noted
    of the values in the fields that they had; how many of each.
    """
    transaction = context.transaction
    matches.remove_profiles(transaction, domain.id, ids)
    store.remove(transaction, domain.id, ids)
    values = 0
    result = matches.find_result(transaction, domain.id, now=context.now)
    if result is not None and fields:
        # Imported here: the engine takes half a second, and only domains with results need it.
        from openprofiles import resolution
        from openprofiles.features.matching import records
        from openprofiles.features.matching.values import values_of

        noted = Counter(
            value for each in fields.values() for value in values_of(records.features_of(each))
        )
        values = matches.forget_values(
            transaction, domain.id, noted, whole=(resolution.PHONE, resolution.EMAIL)
        )
    return {
        "Decisions": decisions.delete_of(transaction, domain.id, ids),
        "MatchValues": values,
    }


def tell_profile(
    context: Context, domain: domains.Domain, profile_id: Id
) -> dict[str, list[dict[str, Any]]]:
    """The matches of a profile, each with why, and the decisions about it."""
    found: list[dict[str, Any]] = []
    for kind in ("ML_BASED_MATCHING", "RULE_BASED_MATCHING"):
        request = {
            "DomainName": domain.name,
            "MatchType": kind,
            "SearchKey": "profileId",
            "SearchValue": profile_id,
        }
        answer = get_similar_profiles(context, request)
        if answer["ProfileIds"]:
            others = [other for other in answer["ProfileIds"] if other != profile_id]
            explained = (
                [_explained(context, domain, profile_id, other) for other in others]
                if kind == "ML_BASED_MATCHING"
                else []
            )
            match = {name: value for name, value in answer.items() if name != "NextToken"}
            found.append({**match, "ProfileId": profile_id, "Explanations": explained})
    pairs = decisions.list_of(context.transaction, domain.id, [profile_id])
    return {
        "Matches": found,
        "Decisions": [{"ProfileId": one, "OtherProfileId": other} for one, other in pairs],
    }


def _explained(
    context: Context, domain: domains.Domain, profile_id: Id, other: Id
) -> dict[str, Any]:
    request = {"DomainName": domain.name, "ProfileId": profile_id, "OtherProfileId": other}
    return {"OtherProfileId": other, "Text": explain_pair(context, request)["Text"]}
