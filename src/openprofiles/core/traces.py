"""What a log may say of an error that nobody expected: kinds and places, never texts."""

import traceback

DEEPEST_CAUSE = 5


def trace_of(error: BaseException) -> str:
    """The kinds of the error and its causes and where they arose; neither texts nor variables,
    which may hold a customer's values.
    """
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < DEEPEST_CAUSE:
        frames = traceback.extract_tb(cause.__traceback__)
        places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        kinds.append(f"{type(cause).__module__}.{type(cause).__qualname__} at {places}")
        cause = cause.__cause__ or cause.__context__
    return " caused by ".join(kinds)
