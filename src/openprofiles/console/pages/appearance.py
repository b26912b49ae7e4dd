"""Light or dark: as the system says, or as somebody chooses."""

from flask import Blueprint, Response, request

from openprofiles.console.areas import Entry
from openprofiles.console.guarding import local_path
from openprofiles.console.public import public
from openprofiles.console.rendering import THEME_COOKIE, THEMES
from openprofiles.console.visit import see_other, visit

A_YEAR = 31_536_000

blueprint = Blueprint("appearance", __name__)
ENTRIES: tuple[Entry, ...] = ()


@blueprint.post("/appearance")
@public
def choose() -> Response:
    """Remember a theme, and go back to where it was chosen."""
    response = see_other(local_path(request.form.get("next")) or "/console/")
    theme = request.form.get("theme")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=A_YEAR,
            secure=visit().request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
