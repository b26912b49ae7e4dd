"""`openprofiles rules`: see how far the matching rules of a domain are applied, work them off, and
try others without changing anything.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing
from openprofiles.core.settings import Settings
from openprofiles.features import rules

app = App(name="rules", help="Look at, try and apply the matching rules of a domain.")

DomainOption = Annotated[str, Parameter(help="The domain whose profiles are meant.")]


@app.command
@with_connection
@refusing
def status(settings: Settings, *, domain: DomainOption) -> int:
    """How far the rules of a domain are applied, and which values are too common to match by."""
    with opened(settings) as application, console.status("Counting"):
        answer = application.invoke(
            "GetRuleMatchingStatus",
            {"DomainName": domain, "CountsUnusable": True},
            caller_of(settings, "rules"),
        )
    out = Console(highlight=False)
    out.print(f"Status {answer['Status']}", soft_wrap=True)
    if answer["Status"] == "DISABLED":
        return 0
    out.print(
        f"{answer['ProfilesDone']:,} profiles that were there before the rules are done, of"
        f" {answer['ProfilesInDomain']:,} profiles now; {answer['MergesDue']:,} to be merged",
        soft_wrap=True,
    )
    for entry in answer["Unusable"]:
        out.print(
            f"Level {entry['RuleLevel']}: {entry['Values']:,} values are too common, and leave"
            f" {entry['Profiles']:,} profiles without a match",
            soft_wrap=True,
        )
    return 0


@app.command
@with_connection
@refusing
def preview(
    settings: Settings,
    *,
    domain: DomainOption,
    rules_file: Annotated[
        Path | None,
        Parameter(name="rules", help="JSON file shaped like RuleBasedMatching; else the domain's."),
    ] = None,
    profiles: Annotated[int, Parameter(help="How many profiles to look at.")] = 1_000_000,
    groups: Annotated[int, Parameter(help="How many groups to show, 1 to 100.")] = 20,
) -> int:
    """The groups that rules would make of a domain's profiles, the riskiest first."""
    caller = caller_of(settings, "rules")
    with opened(settings) as application, console.status("Looking"):
        block = _read(rules_file)
        if block is None:
            found = application.invoke("GetDomain", {"DomainName": domain}, caller)
            block = found.get("RuleBasedMatching", {})
        chosen = {name: block[name] for name in rules.PREVIEWED if name in block}
        request = {"DomainName": domain, **chosen, "MaxProfiles": profiles, "MaxResults": groups}
        answer = application.invoke("PreviewRules", rules.checked_preview(request), caller)
    _print(answer)
    return 0


@app.command
@with_connection
@refusing
def apply(settings: Settings) -> int:
    """Apply new rules of all domains to existing profiles now, as the job of `serve` does."""
    with opened(settings) as application, console.status("Applying rules"):
        steps = rules.work_off(application.invoke, caller_of(settings, "rules"))
    Console(highlight=False).print(f"All rules are in force, after {steps:,} steps")
    return 0


def _read(file: Path | None) -> Mapping[str, Any] | None:
    if file is None:
        return None
    try:
        block = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused(f"{file} cannot be read as a JSON object") from error
    return block


def _print(answer: Mapping[str, Any]) -> None:
    out = Console(highlight=False)
    more = "" if answer["IsComplete"] else " (there are more)"
    out.print(
        f"{answer['NumberOfGroups']:,} groups among {answer['ProfilesReviewed']:,} profiles{more};"
        f" {answer['NumberOfProfilesWillBeMerged']:,} profiles would be merged into others",
        soft_wrap=True,
    )
    levels = Table("Level", "Attributes", "Groups", "Profiles", "Values too common")
    for level in answer["Levels"]:
        levels.add_row(
            str(level["RuleLevel"]),
            ", ".join(level["Attributes"]),
            f"{level['NumberOfGroups']:,}",
            f"{level['NumberOfProfiles']:,}",
            f"{level['NumberOfUnusableValues']:,}",
        )
    out.print(levels)
    shown = Table("Level", "Profiles", "Differ in", "Some of them")
    for group in answer["Groups"]:
        shown.add_row(
            str(group["RuleLevel"]),
            f"{group['NumberOfProfiles']:,}",
            ", ".join(group["Disagreements"]),
            " ".join(group["ProfileIds"][:2]),
        )
    out.print(shown)
