"""How far what is opened by a connection may reach.

Whoever may make a connection names hosts that this service then calls, from inside its network.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from openprofiles.connectors.connector import SourceRefused

Reach = Literal["any", "public"]
"""`any` is all but what only a cloud's own machines are to ask; `public` what the whole internet
reaches.
"""

_reach: ContextVar[Reach] = ContextVar("reach", default="any")


@contextmanager
def reaching(reach: Reach) -> Iterator[None]:
    """What is opened meanwhile reaches so far, as long as it lives."""
    token = _reach.set(reach)
    try:
        yield
    finally:
        _reach.reset(token)


def current_reach() -> Reach:
    """How far what is opened now may reach."""
    return _reach.get()


def require_no_place_of_ones_own(what: str) -> None:
    """SourceRefused when only public addresses may be reached: for libraries whose connections we
    do not make, which must then go to their vendor's own place. `what` names the setting.
    """
    if current_reach() == "public":
        raise SourceRefused(
            f"This service reaches public sources only (source_addresses): leave {what} out"
        )
