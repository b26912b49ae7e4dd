"""What people decide about a group: one customer, not the same, or another time."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from flask import Response, flash, request, url_for

from openprofiles.console.pages.duplicates.area import blueprint
from openprofiles.console.pages.duplicates.bounds import wanted_now
from openprofiles.console.pages.duplicates.comparing import Choice
from openprofiles.console.pages.duplicates.group import chosen, show_group
from openprofiles.console.pages.duplicates.later import leave
from openprofiles.console.pages.duplicates.meanwhile import show_meanwhile
from openprofiles.console.pages.duplicates.sharing import SIDE_BY_SIDE
from openprofiles.console.visit import ask, see_other
from openprofiles.core.errors import BadRequest, ResourceNotFound

TOO_FEW = "Choose two profiles at least: there is nothing to merge."


@blueprint.post("/domains/<domain_name>/duplicates/<match_id>")
def decide(domain_name: str, match_id: str) -> Response:
    """Do what the button that was pressed says, and go on to the next group."""
    act = request.form.get("act", "")
    if act == "later":
        leave(match_id)
        return see_other(_onward(domain_name, _following(domain_name, match_id), None))
    if act not in ("merge", "apart"):
        return show_group(domain_name, match_id)
    seen = request.form.getlist("seen")[:SIDE_BY_SIDE]
    choice = chosen(seen) if seen else None
    if choice is None or (act == "merge" and len(choice.included) < 2):
        return show_group(domain_name, match_id, problem=TOO_FEW, status=422)
    given = _merge(choice, seen) if act == "merge" else {"NotSame": _pairs(seen)}
    following = _following(domain_name, match_id)
    try:
        done = ask("DecideReview", DomainName=domain_name, MatchId=match_id, **given)
    except (BadRequest, ResourceNotFound) as error:
        return show_meanwhile(domain_name, match_id, reason=error.message, profile_ids=seen)
    if act == "apart":
        flash("They were decided not to be the same. Later runs remember it.", "success")
    return see_other(_onward(domain_name, following, done["MergeId"]))


def _merge(choice: Choice, seen: Sequence[str]) -> dict[str, Any]:
    """The merge; who was left out is decided apart from the others where somebody says so."""
    merge = choice.as_merge()
    left_out = [one for one in seen if one not in choice.included]
    if not left_out or "left_out_apart" not in request.form:
        return {"Merge": merge}
    pairs = [[one, other] for one in left_out for other in choice.included]
    return {"Merge": merge, "NotSame": pairs}


def _pairs(seen: Sequence[str]) -> list[list[str]]:
    return [list(pair) for pair in combinations(seen, 2)]


def _following(domain_name: str, match_id: str) -> str | None:
    """The group after this one, which is found while this one is there."""
    try:
        review = ask(
            "GetReview", DomainName=domain_name, MatchId=match_id, **wanted_now().parameters()
        )
    except ResourceNotFound:
        return None
    following: str | None = review["NextMatchId"]
    return following


def _onward(domain_name: str, following: str | None, merge_id: str | None) -> str:
    """Where to go on: the next group, or the queue after the last one."""
    address: dict[str, Any] = {"domain_name": domain_name, **wanted_now().query()}
    if merge_id is not None:
        address["merged"] = merge_id
    if following is None:
        return url_for("duplicates.queue", **address)
    return url_for("duplicates.show", **address, match_id=following)
