"""`openprofiles explain` and `decide`: why two profiles match, and that they are not the same."""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from openprofiles.cli.errors import Refused
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import refusing
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings

OneId = Annotated[str, Parameter(help="A profile.")]
OtherId = Annotated[str, Parameter(help="Another one.")]
DomainOption = Annotated[str, Parameter(help="The domain of the profiles.")]


@with_connection
@refusing
def explain(
    settings: Settings,
    one: OneId,
    other: OtherId,
    /,
    *,
    domain: DomainOption,
    as_json: Annotated[
        bool, Parameter(name="--json", negative=(), help="As JSON rather than as text.")
    ] = False,
    chart: Annotated[
        Path | None, Parameter(help="File for a picture of the evidence (Vega-Lite).")
    ] = None,
) -> int:
    """Say why two profiles match or do not, as the model of the last run has it."""
    request = {"DomainName": domain, "ProfileId": one, "OtherProfileId": other}
    with opened(settings) as application:
        answer = application.invoke("ExplainPair", request, caller_of(settings, "explain"))
    if chart:
        chart.write_text(json.dumps(answer["Waterfall"], indent=1), "utf-8")
    _print(json.dumps(answer, indent=2, ensure_ascii=False) if as_json else answer["Text"])
    return 0


@with_connection
@refusing
def decide(
    settings: Settings,
    one: Annotated[str | None, Parameter(help="A profile.")] = None,
    other: Annotated[str | None, Parameter(help="Another one, who is not the same.")] = None,
    /,
    *,
    domain: DomainOption,
    withdraw: Annotated[
        bool, Parameter(negative=(), help="Take such a decision back instead.")
    ] = False,
) -> int:
    """Note that two profiles are not the same person, so that no run groups or merges them; without
    profiles, list what was decided.
    """
    caller = caller_of(settings, "decide")
    with opened(settings) as application:
        if one is None:
            _list(application.invoke, caller, domain)
        elif other is None:
            raise Refused("Name two profiles")
        else:
            name = "WithdrawDecision" if withdraw else "DecideNotSame"
            request = {"DomainName": domain, "ProfileId": one, "OtherProfileId": other}
            application.invoke(name, request, caller)
    return 0


def _list(invoke: Invoke, caller: Caller, domain: str) -> None:
    request: dict[str, Any] = {"DomainName": domain}
    while True:
        answer = invoke("ListDecisions", request, caller)
        for item in answer["Items"]:
            _print(
                f"{item['ProfileId']}  {item['OtherProfileId']}  {item['DecidedAt']:%Y-%m-%d %H:%M}"
                f"  {item['DecidedBy']}"
            )
        if answer["NextToken"] is None:
            return
        request["NextToken"] = answer["NextToken"]


def _print(text: str) -> None:
    Console(highlight=False, markup=False).print(text, soft_wrap=True)
