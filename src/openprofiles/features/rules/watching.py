"""Operations of our own that look at rules: how far they are applied, and what others would do."""

from typing import Any

from openprofiles.core.ids import FIRST, LAST
from openprofiles.core.operation import Answer, Route, operation
from openprofiles.features import domains, profiles
from openprofiles.features.context import Context
from openprofiles.features.rules import store
from openprofiles.features.rules.previewing import IDS_SHOWN, Preview, PreviewedGroup
from openprofiles.features.rules.rule import Rules, compile_rules
from openprofiles.features.rules.shapes import PREVIEWED, PreviewRequest, StatusRequest

PATH = "/domains/{DomainName}/rule-matching"
PROFILES_READ_AT_ONCE = 5000
PROFILES_PREVIEWED = 1_000_000
GROUPS_SHOWN = 20
MOST_DUE_COUNTED = 100_000

UNUSABLE = (
    f"All attributes at rule level {{}} are associated with more than {store.MOST_HOLDERS} records."
)
"""What AWS sends to the dead-letter queue."""


@operation("GetRuleMatchingStatus", reads_only=True, route=Route("GET", PATH, StatusRequest))
def get_rule_matching_status(context: Context, request: StatusRequest) -> Answer:
    """How far the rules of a domain are applied, and what is too common to match by.

    `MergesDue` counts profiles whose matches are to be merged, up to 100,000.
    """
    domain = domains.require(context, request["DomainName"])
    rules = compile_rules(domain.configuration)
    state = store.find_state(context.transaction, domain.id)
    if rules is None or state is None:
        return {"Status": "DISABLED"}
    counted = {}
    if request.get("CountsUnusable"):
        edition = store.Edition(domain.id, state.version)
        counted = store.count_unusable(context.transaction, edition)
    return {
        "Status": state.status,
        "Version": state.version,
        "ProfilesDone": state.profiles,
        "ProfilesInDomain": domains.count_profiles(context, domain),
        "IsMerging": state.status == "IN_PROGRESS" and state.position == LAST,
        "MergesDue": store.count_merges_due(context.transaction, domain.id, limit=MOST_DUE_COUNTED),
        "StartedAt": state.started_at,
        "LastUpdatedAt": state.updated_at,
        "Unusable": [_unusable(level, *counts) for level, counts in sorted(counted.items())],
    }


def _unusable(level: int, values: int, profile_count: int) -> dict[str, Any]:
    entry = {"RuleLevel": level, "Values": values, "Profiles": profile_count}
    return {**entry, "Message": UNUSABLE.format(level)} if profile_count else entry


@operation("PreviewRules", reads_only=True, route=Route("POST", f"{PATH}/preview", PreviewRequest))
def preview_rules(context: Context, request: PreviewRequest) -> Answer:
    """The groups that rules would make of the profiles of a domain, the riskiest first.

    Looks at up to `MaxProfiles` profiles, the oldest first; nothing is stored. Decisions of people
    do not count.
    """
    domain = domains.require(context, request["DomainName"])
    block = {name: value for name, value in request.items() if name in PREVIEWED}
    configuration = {"RuleBasedMatching": {"Enabled": True, **block}}
    domains.require_consistent(configuration)
    rules = compile_rules(configuration)
    if rules is None:
        raise AssertionError("The rules are on")
    preview, is_complete = _look(
        context, domain, rules, request.get("MaxProfiles") or PROFILES_PREVIEWED
    )
    levels, groups = preview.count()
    return {
        "ProfilesReviewed": len(preview.profile_ids),
        "IsComplete": is_complete,
        "NumberOfGroups": len(groups),
        "NumberOfProfilesWillBeMerged": sum(
            len(group.profiles) - 1 for group in groups if group.level <= rules.merging_level
        ),
        "Levels": [
            {
                "RuleLevel": level.level,
                "Attributes": rules.levels[level.level - 1],
                "NumberOfGroups": level.groups,
                "NumberOfProfiles": level.profiles,
                "NumberOfUnusableValues": level.unusable_values,
            }
            for level in levels
        ],
        "Groups": [
            _shown(preview, group) for group in groups[: request.get("MaxResults") or GROUPS_SHOWN]
        ],
    }


def _look(
    context: Context, domain: domains.Domain, rules: Rules, limit: int
) -> tuple[Preview, bool]:
    """A preview of up to `limit` profiles, and whether these are all."""
    preview = Preview(rules)
    after = FIRST
    while True:
        size = min(PROFILES_READ_AT_ONCE, limit - len(preview.profile_ids))
        # One more than is looked at tells whether there are more.
        page = profiles.list_page_of_fields(
            context.transaction, domain.id, after=after, limit=size + 1
        )
        for profile_id, fields, _ in page[:size]:
            preview.add(profile_id, fields)
            after = profile_id
        if len(page) <= size or size == 0:
            return preview, len(page) <= size


def _shown(preview: Preview, group: PreviewedGroup) -> dict[str, Any]:
    return {
        "RuleLevel": group.level,
        "NumberOfProfiles": len(group.profiles),
        "ProfileIds": [preview.profile_ids[one] for one in group.profiles[:IDS_SHOWN]],
        "Disagreements": group.disagreements,
    }
