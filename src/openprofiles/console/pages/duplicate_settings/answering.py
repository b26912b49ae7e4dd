"""How a form of settings is answered: tried, or set, or with what is wrong above it."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from flask import Response, flash, request

from openprofiles.console.pages.duplicate_settings.reading import Unreadable
from openprofiles.console.rendering import Page, render, wants_part
from openprofiles.console.saying import plainly
from openprofiles.console.visit import see_other
from openprofiles.core.errors import BadRequest

DryRun = TypeVar("DryRun")


class Show(Protocol):
    """Shows the form as it was typed, with a problem above it or a dry run below it."""

    def __call__(self, *, problem: str | None = None, dry_run: Any = None) -> Response: ...


def answer(
    show: Show,
    *,
    tried: Callable[[], DryRun],
    part_of: Callable[[DryRun], Page],
    save: Callable[[], object],
    done: str,
    back: str,
) -> Response:
    """Do what was pressed: say what `tried` would do, or `save` and go `back` to say that it is
    `done`.
    """
    if request.form.get("act") == "try":
        dry_run = tried()
        return render(part_of(dry_run)) if wants_part() else show(dry_run=dry_run)
    try:
        save()
    except Unreadable as error:
        return show(problem=str(error))
    except BadRequest as error:
        return show(problem=plainly(error))
    flash(done, "success")
    return see_other(back)
