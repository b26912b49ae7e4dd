"""`openprofiles resolve` and `preview`: find who is who in a domain, and what merging would do."""

from functools import partial
from time import sleep
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from openprofiles.app import Application
from openprofiles.cli.engines import require_engine
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.progress import bar_of_job
from openprofiles.cli.saying import console, refusing
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.features import matching
from openprofiles.storage.sessions import holding

LOOK_SECONDS = 0.5


@with_connection
@refusing
def resolve(
    settings: Settings,
    *,
    domain: Annotated[str, Parameter(help="The domain whose profiles are to be matched.")],
) -> int:
    """Run an identity-resolution job now: find the profiles of a domain that are one person, and
    merge them if the domain says so.
    """
    require_engine(settings)
    caller = caller_of(settings, "resolve")
    with opened(settings) as application:
        job_id = application.invoke("StartIdentityResolutionJob", {"DomainName": domain}, caller)[
            "JobId"
        ]
        with bar_of_job(console) as watch:
            machine = matching.Machine(
                invoke=application.invoke,
                hold=partial(holding, application.database.conninfo),
                settings=settings,
                caller=caller,
                watch=watch,
            )
            matching.run_one(machine, domain, job_id)
            job = _ended(application, caller, domain, job_id)
    stats = job["JobStats"]
    lines = [
        f"{job['Status']}: {stats['NumberOfProfilesReviewed']:,} profiles,"
        f" {stats['NumberOfMatchesFound']:,} matches, {stats['NumberOfMergesDone']:,} merged away"
    ]
    if job["Message"]:
        lines.append(job["Message"])
    _print(lines)
    return 0 if job["Status"] == "COMPLETED" else 1


@with_connection
@refusing
def preview(
    settings: Settings,
    *,
    domain: Annotated[str, Parameter(help="The domain whose last matches are looked at.")],
    by: Annotated[
        list[str] | None,
        Parameter(
            help="A criterion, as FirstName,LastName; several in their order. By default"
            " those of the domain."
        ),
    ] = None,
    min_confidence: Annotated[float | None, Parameter(help="Matches below are left alone.")] = None,
    top: Annotated[int, Parameter(help="How many matches to show, up to 100.")] = 20,
) -> int:
    """Show what auto-merging would do with the last matches, the riskiest first; merges nothing."""
    request: dict[str, Any] = {"DomainName": domain, "MaxResults": max(1, min(top, 100))}
    if by:
        criteria = [[name.strip() for name in criterion.split(",")] for criterion in by]
        request["Consolidation"] = {"MatchingAttributesList": criteria}
    if min_confidence is not None:
        request["MinAllowedConfidenceScoreForMerging"] = min_confidence
    with opened(settings) as application:
        answer = application.invoke("PreviewAutoMerging", request, caller_of(settings, "preview"))
    lines = []
    for match in answer["Matches"]:
        lines.append(f"{match['ConfidenceScore']:.4f}  {match['MatchId']}")
        for merge in match["Merges"]:
            gone = ", ".join(merge["ProfileIdsToBeMerged"])
            lines.append(f"        {gone} into {merge['MainProfileId']}")
            lines += [
                f"        {path}: {' | '.join(str(value) for value in values.values())}"
                for path, values in merge["Conflicts"].items()
            ]
    lines.append(
        f"{answer['NumberOfMatchesWithMerges']:,} of {answer['NumberOfMatchesInSample']:,} matches"
        f" would be merged, {answer['NumberOfProfilesWillBeMerged']:,} profiles merged away"
    )
    _print(lines)
    return 0


def _ended(application: Application, caller: Caller, domain: str, job_id: str) -> dict[str, Any]:
    """The job at its end, which another process may bring it to."""
    request = {"DomainName": domain, "JobId": job_id}
    while True:
        job = dict(application.invoke("DescribeIdentityResolutionJob", request, caller))
        if job["JobEndTime"] is not None:
            return job
        sleep(LOOK_SECONDS)


def _print(lines: list[str]) -> None:
    Console(highlight=False, markup=False).print("\n".join(lines), soft_wrap=True)
