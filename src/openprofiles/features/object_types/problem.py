"""What is wrong with a definition: all of it at once, each beside the member that it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from openprofiles.core.errors import BadRequest


class Problem(NamedTuple):
    """A rule that a definition breaks: the member (`Fields.email`, `Keys`), and the sentence that
    PutProfileObjectType would refuse it with.
    """

    member: str
    message: str


@contextmanager
def noted(problems: list[Problem], member: str) -> Iterator[None]:
    """Go on after what would be refused, with a note of it."""
    try:
        yield
    except BadRequest as error:
        problems.append(Problem(member, error.message))
