"""Rules and defaults of the Matching and RuleBasedMatching blocks of a domain (reference §8).

The service model has the sizes and the enums; here is what it cannot say.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openprofiles.core.errors import BadRequest

ADDRESS_PARTS = (
    "Address1",
    "Address2",
    "Address3",
    "Address4",
    "City",
    "County",
    "State",
    "Province",
    "Country",
    "PostalCode",
)
STANDARD_ATTRIBUTES = frozenset(
    {
        "AccountNumber",
        "AdditionalInformation",
        "PartyType",
        "PartyTypeString",
        "BusinessName",
        "FirstName",
        "MiddleName",
        "LastName",
        "BirthDate",
        "Gender",
        "GenderString",
        "PhoneNumber",
        "MobilePhoneNumber",
        "HomePhoneNumber",
        "BusinessPhoneNumber",
        "EmailAddress",
        "PersonalEmailAddress",
        "BusinessEmailAddress",
        "ProfileType",
        *(
            f"{address}.{part}"
            for address in ("Address", "ShippingAddress", "MailingAddress", "BillingAddress")
            for part in ADDRESS_PARTS
        ),
    }
)
"""What a consolidation criterion can name, besides `Attributes.…`."""

RULE_ATTRIBUTES = frozenset(
    {
        "AccountNumber",
        "Address.Address",
        "Address.City",
        "Address.Country",
        "Address.County",
        "Address.PostalCode",
        "Address.Province",
        "Address.State",
        "BirthDate",
        "BusinessName",
        "EmailAddress",
        "FirstName",
        "Gender",
        "LastName",
        "MiddleName",
        "PhoneNumber",
    }
)
"""What a matching rule can name, besides `Attributes.…`."""

SELECTABLE = {
    # AWS documents "MaillingAddress" and "BusinessAddress"; the profile's own names are taken too.
    "Address": frozenset(
        {
            "Address",
            "BillingAddress",
            "BusinessAddress",
            "MailingAddress",
            "MaillingAddress",
            "ShippingAddress",
        }
    ),
    "PhoneNumber": frozenset(
        {"PhoneNumber", "HomePhoneNumber", "MobilePhoneNumber", "BusinessPhoneNumber"}
    ),
    "EmailAddress": frozenset({"EmailAddress", "PersonalEmailAddress", "BusinessEmailAddress"}),
}
"""The fields that AttributeTypesSelector may choose for each type."""

DEFAULT_RULES = (
    ("AccountNumber",),
    ("EmailAddress", "FirstName", "LastName"),
    ("PhoneNumber", "FirstName", "LastName"),
    ("EmailAddress",),
    ("PhoneNumber",),
)
DEFAULT_LEVEL_FOR_MATCHING = 3
DEFAULT_SCHEDULE = {"DayOfTheWeek": "SATURDAY", "Time": "00:00"}
DEFAULT_RESOLUTION = {"ConflictResolvingModel": "RECENCY"}


def require_consistent(given: Mapping[str, Any]) -> None:
    """Pass when the blocks in `given` follow the rules; BadRequest names the member otherwise."""
    if matching := given.get("Matching"):
        _require_matching(matching)
    if rules := given.get("RuleBasedMatching"):
        _require_rules(rules)


def shown_matching(given: Mapping[str, Any]) -> dict[str, Any]:
    """A stored Matching block with the defaults that apply if it is enabled."""
    if not given["Enabled"]:
        return dict(given)
    shown = {"JobSchedule": DEFAULT_SCHEDULE, **given}
    merging = given.get("AutoMerging")
    if merging and merging["Enabled"]:
        shown["AutoMerging"] = {"ConflictResolution": DEFAULT_RESOLUTION, **merging}
    return shown


def effective_rules(given: Mapping[str, Any]) -> dict[str, Any]:
    """A stored RuleBasedMatching block with the defaults that apply if it is enabled."""
    if not given["Enabled"]:
        return dict(given)
    return {
        "MatchingRules": [{"Rule": list(rule)} for rule in DEFAULT_RULES],
        "MaxAllowedRuleLevelForMatching": _level_for_matching(given),
        "ConflictResolution": DEFAULT_RESOLUTION,
        **given,
    }


def _require_matching(given: Mapping[str, Any]) -> None:
    merging = given.get("AutoMerging") or {}
    criteria = (merging.get("Consolidation") or {}).get("MatchingAttributesList", ())
    for criterion in criteria:
        _require_attributes(
            criterion,
            allowed=STANDARD_ATTRIBUTES,
            member="Matching.AutoMerging.Consolidation.MatchingAttributesList",
        )
    _require_source(merging, "Matching.AutoMerging")


def _require_rules(given: Mapping[str, Any]) -> None:
    for rule in given.get("MatchingRules") or ():
        _require_attributes(
            rule["Rule"], allowed=RULE_ATTRIBUTES, member="RuleBasedMatching.MatchingRules"
        )
    _require_levels(given)
    _require_selectable(given.get("AttributeTypesSelector") or {})
    _require_source(given, "RuleBasedMatching")


def _require_attributes(names: Iterable[str], *, allowed: frozenset[str], member: str) -> None:
    for name in names:
        custom = name.startswith("Attributes.") and name != "Attributes."
        if not custom and name not in allowed:
            raise BadRequest(f"{member} names an attribute that a profile does not have")


def _require_levels(given: Mapping[str, Any]) -> None:
    rules: Sequence[Any] = given.get("MatchingRules") or DEFAULT_RULES
    matching = _level_for_matching(given)
    if matching > len(rules):
        raise BadRequest(
            "RuleBasedMatching.MaxAllowedRuleLevelForMatching is greater than the number of rules,"
            f" {len(rules)}"
        )
    if (given.get("MaxAllowedRuleLevelForMerging") or 0) > matching:
        raise BadRequest(
            "RuleBasedMatching.MaxAllowedRuleLevelForMerging is greater than"
            f" MaxAllowedRuleLevelForMatching, {matching}"
        )


def _level_for_matching(given: Mapping[str, Any]) -> int:
    rules = given.get("MatchingRules")
    default = len(rules) if rules else DEFAULT_LEVEL_FOR_MATCHING
    level: int = given.get("MaxAllowedRuleLevelForMatching") or default
    return level


def _require_selectable(selector: Mapping[str, Any]) -> None:
    for attribute_type, allowed in SELECTABLE.items():
        if not allowed.issuperset(selector.get(attribute_type) or ()):
            names = ", ".join(sorted(allowed))
            raise BadRequest(
                f"RuleBasedMatching.AttributeTypesSelector.{attribute_type} may hold {names}"
            )


def _require_source(block: Mapping[str, Any], member: str) -> None:
    resolution = block.get("ConflictResolution") or {}
    if resolution.get("ConflictResolvingModel") == "SOURCE" and not resolution.get("SourceName"):
        raise BadRequest(f"{member}.ConflictResolution needs SourceName with the model SOURCE")
