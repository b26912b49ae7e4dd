"""Works on rules until nothing is left to do."""

from collections.abc import Callable

from openprofiles.core.operation import Caller, Invoke


def work_off(
    invoke: Invoke,
    caller: Caller,
    *,
    is_stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Apply rules, and merge what they match, in all domains of all accounts, step by step; how
    many steps there were.

    `is_stopping` ends it after the step at hand; who works next goes on.
    """
    steps = 0
    while done := sum(
        _each_domain(invoke, caller, name, is_stopping)
        for name in ("ApplyRules", "MergeRuleMatches")
    ):
        steps += done
    return steps


def _each_domain(invoke: Invoke, caller: Caller, name: str, is_stopping: Callable[[], bool]) -> int:
    """One step in each domain that has something to do; how many those are."""
    steps = 0
    after: int | None = 0
    while not is_stopping():
        answer = invoke(name, {"After": after}, caller)
        after = answer["After"]
        if after is None:
            break
        # One that waits for its key is no step: nothing else would ever end.
        steps += not answer.get("IsWaiting")
    return steps
