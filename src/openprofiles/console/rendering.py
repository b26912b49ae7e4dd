"""From a page to HTML: templates get `page`, a dataclass that says what each of its fields is, and
`shell`, what is around every page. Nothing else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast

from flask import Flask, Response, get_flashed_messages, make_response, render_template, request
from flask import session as kept
from jinja2 import StrictUndefined
from markupsafe import Markup

from openprofiles.console.areas import Area, Entry
from openprofiles.console.assets import address_of, style_of
from openprofiles.console.people import Person
from openprofiles.console.tokens import proof_of
from openprofiles.console.visit import outside, visit

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "openprofiles-theme"
LAST_DOMAIN = "domain"
"""Under which name the domain that somebody was last in is kept in their browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a template gets as `page`; a page of its own has more fields, and names its template."""

    template: ClassVar[str]
    files: ClassVar[tuple[str, ...]] = ()
    """The stylesheets and scripts, below `static`, that it needs besides those of every page."""

    title: str
    """What the page is called, in its heading and in the browser's tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What a template gets as `shell`: what is around the page."""

    person: Person | None
    """Who is at the browser; None when nobody has signed in."""
    is_open: bool
    """Whether anybody is let in, as an admin, without signing in."""
    proof: str
    """What every form carries in its field `csrf_token`."""
    theme: str
    """`auto`, `light` or `dark`."""
    path: str
    """Path and query of this page, to come back to."""
    domain: str | None
    """The domain that this page, or the last one that had one, is about."""
    current: str | None
    """The blueprint that this page is of."""
    menu: tuple[tuple[Area, tuple[Entry, ...]], ...]
    """The entries of each area that has some which can be opened from here."""
    messages: tuple[tuple[str, str], ...]
    """What the last request has to say: kinds (`success`, `error`) and sentences."""


def equip(app: Flask, entries: tuple[Entry, ...]) -> None:
    """Give templates the shell, and the filters and functions that they need."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["asset"] = address_of
    app.jinja_env.globals["style"] = style_of
    app.jinja_env.globals["files_of"] = files_of
    app.jinja_env.filters["grouped"] = grouped
    app.jinja_env.filters["moment"] = moment
    app.context_processor(lambda: {"shell": _shell(entries)})


def render(page: Page, *, status: int = 200) -> Response:
    """The answer that shows a page."""
    return make_response(render_template(page.template, page=page), status)


def files_of(page: Page, suffix: str) -> tuple[str, ...]:
    """The files of a kind (`.css`, `.js`) that a page needs besides those of every page."""
    return tuple(name for name in page.files if name.endswith(suffix))


def wants_part() -> bool:
    """Whether a part of a page was asked for (by htmx), not a page."""
    return request.headers.get("HX-Request-Type") == "partial"


def grouped(number: int | float) -> str:
    """A number with its digits in groups of three."""
    return f"{number:,}"


def moment(value: datetime | None) -> Markup:
    """A moment, which the browser shows in the reader's zone; a dash for none."""
    if value is None:
        return Markup('<span class="quiet">—</span>')
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(timespec="seconds"),
        value.strftime("%Y-%m-%d %H:%M:%S UTC"),
        value.strftime("%Y-%m-%d %H:%M UTC"),
    )


def _shell(entries: tuple[Entry, ...]) -> Shell:
    now = visit()
    domain = _domain(now.person)
    return Shell(
        person=now.person,
        is_open=outside().settings.auth == "open",
        proof=proof_of(now.token),
        theme=_theme(),
        path=request.full_path.removesuffix("?"),
        domain=domain,
        current=request.blueprint,
        menu=_menu(entries, domain) if now.person else (),
        messages=_messages(),
    )


def _messages() -> tuple[tuple[str, str], ...]:
    said = cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
    return tuple(said)


def _domain(person: Person | None) -> str | None:
    """The domain in the page's address, else the last one that was."""
    if person is None:
        return None
    named = (request.view_args or {}).get("domain_name")
    if named is not None and kept.get(LAST_DOMAIN) != named:
        kept[LAST_DOMAIN] = named
    last: str | None = named or kept.get(LAST_DOMAIN)
    return last


def _menu(
    entries: tuple[Entry, ...], domain: str | None
) -> tuple[tuple[Area, tuple[Entry, ...]], ...]:
    areas: list[tuple[Area, tuple[Entry, ...]]] = []
    for area in Area:
        reachable = tuple(
            entry
            for entry in entries
            if entry.area is area and (domain is not None or not entry.needs_domain)
        )
        if reachable:
            areas.append((area, reachable))
    return tuple(areas)


def _theme() -> str:
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else THEMES[0]
