"""SearchProfiles: from the request's keys to one query, and from its rows to FoundByItems (core
reference §7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openprofiles.core.errors import BadRequest
from openprofiles.features import domains, object_types
from openprofiles.features.context import Context


@dataclass(frozen=True, slots=True)
class Term:
    """One alternative of one search key: group (the key's place in the request), the text asked
    for, what to look up.
    """

    group: int
    key_name: str
    given: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for: any term of any group (OR), or of every group (AND)."""

    terms: tuple[Term, ...]
    groups: int
    matches_all: bool

    def scope(self, domain_id: int) -> tuple[Any, ...]:
        """What the tokens of its pages are bound to."""
        terms = [(term.group, term.key_name, *term.given) for term in self.terms]
        return ("SearchProfiles", domain_id, self.matches_all, *terms)

    def found_by(self, positions: Sequence[int]) -> list[dict[str, Any]]:
        """FoundByItems for a profile that the terms at `positions` matched: the request's texts,
        key by key.
        """
        by_group: dict[int, list[Term]] = {}
        for position in sorted(positions):
            term = self.terms[position]
            by_group.setdefault(term.group, []).append(term)
        return [
            {
                "KeyName": terms[0].key_name,
                "Values": [text for term in terms for text in term.given],
            }
            for terms in by_group.values()
        ]


def read_plain(request: Mapping[str, Any]) -> Search | None:
    """The search behind the usual request: the first page for one value of a predefined key.

    None for any other, also for one that cannot be meant: its domain must be known to tell.
    """
    values = request["Values"]
    if len(values) != 1 or "NextToken" in request or request.get("AdditionalSearchKeys"):
        return None
    name, given = request["KeyName"], tuple(values)
    content_types = object_types.find_predefined_key(name)
    value = None if content_types is None else object_types.normalise(content_types, given)
    return (
        None if value is None else Search((Term(0, name, given, value),), 1, _matches_all(request))
    )


def read_search(context: Context, domain: domains.Domain, request: Mapping[str, Any]) -> Search:
    """The search behind a request; BadRequest for an unknown key or no values."""
    keys = [request, *(request.get("AdditionalSearchKeys") or ())]
    terms = [term for group, key in enumerate(keys) for term in _terms(context, domain, group, key)]
    return Search(tuple(terms), len(keys), _matches_all(request))


def _matches_all(request: Mapping[str, Any]) -> bool:
    return request.get("LogicalOperator") == "AND"


def _terms(
    context: Context, domain: domains.Domain, group: int, key: Mapping[str, Any]
) -> list[Term]:
    name, values = key["KeyName"], key["Values"]
    if not values:
        raise BadRequest(f"Values of key {name} is empty")
    content_types = require_key(context, domain, name)
    return [
        Term(group, name, given, value)
        for given in alternatives(content_types, values)
        if (value := object_types.normalise(content_types[: len(given)], given)) is not None
    ]


def alternatives(content_types: Sequence[str], values: Sequence[str]) -> list[tuple[str, ...]]:
    """What several Values under one key mean: one tuple for a key over as many fields, else each
    by itself (§7).
    """
    if len(content_types) > 1 and len(values) == len(content_types):
        return [tuple(values)]
    return [(value,) for value in values]


def lookup_values(
    context: Context, domain: domains.Domain, name: str, values: Sequence[str]
) -> list[str]:
    """The normalised values to look for under a key; BadRequest when the key is unknown."""
    content_types = require_key(context, domain, name)
    normalised = (
        object_types.normalise(content_types[: len(given)], given)
        for given in alternatives(content_types, values)
    )
    return [value for value in normalised if value is not None]


def require_key(context: Context, domain: domains.Domain, name: str) -> tuple[str, ...]:
    """The content types of a key's fields; BadRequest when neither the service nor the domain
    knows the key.
    """
    content_types = object_types.find_key(context, domain, name)
    if content_types is None:
        raise BadRequest(
            f"KeyName {name} is neither predefined nor a key of an object type of the domain"
        )
    return content_types
