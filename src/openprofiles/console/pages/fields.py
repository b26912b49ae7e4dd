"""Insight into the fields of a domain's profiles: how many are filled, can be used, differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Blueprint, Response, request, url_for

from openprofiles.console.areas import Area, Entry
from openprofiles.console.rendering import Page, render
from openprofiles.console.visit import ask

AT_ONCE = 1000
"""Up to how many profiles are measured before the page is shown; else the page asks for it."""

SHOWN = 3
"""Shapes and values of a field."""

KINDS = {
    "PHONE": "phone number",
    "EMAIL": "e-mail address",
    "DATE": "date of birth",
    "NAME": "name",
    "TEXT": "text",
    "OTHER": "not a text",
}

blueprint = Blueprint("fields", __name__)
ENTRIES = (Entry(area=Area.INSIGHT, label="Fields", icon="columns", endpoint="fields.show"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field; shares are hundredths, of the profiles or (valid, distinct, shapes, values) of those
    that have it, None where none has.
    """

    name: str
    kind: str
    count: int
    filled: float
    valid: float
    distinct: float
    shapes: tuple[tuple[str, float], ...]
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsPage(Page):
    """The fields of a domain."""

    template: ClassVar[str] = "fields/show.html"
    files: ClassVar[tuple[str, ...]] = ("insight.css",)

    title: str = "Fields"
    """What the page is called."""
    domain: str
    """The domain."""
    profiles: int
    """How many profiles it has."""
    measure_url: str
    """Where it is measured at once."""
    is_measured: bool
    """Whether the rest is there."""
    sampled: int = 0
    """How many profiles were looked at."""
    one_in: int = 1
    """One in how many that is."""
    margin: float = 0.0
    """How far shares may be off, in hundredths."""
    shows_values: bool = False
    """Whether frequent values are shown."""
    fields: tuple[Field, ...] = ()
    """The fields that some profile has."""
    empty: tuple[str, ...] = ()
    """The fields that none has."""
    left_out: int = 0
    """How many more fields there are."""


@blueprint.get("/domains/<domain_name>/insight/fields")
def show(domain_name: str) -> Response:
    """The page."""
    profiles = ask("GetDomain", DomainName=domain_name)["Stats"]["ProfileCount"]
    measure_url = url_for("fields.show", domain_name=domain_name, measure="now")
    if profiles > AT_ONCE and request.args.get("measure") != "now":
        page = FieldsPage(
            domain=domain_name, profiles=profiles, measure_url=measure_url, is_measured=False
        )
        return render(page)
    found = ask("GetFieldQuality", DomainName=domain_name)
    page = FieldsPage(
        domain=domain_name,
        profiles=found["Profiles"],
        measure_url=measure_url,
        is_measured=True,
        sampled=found["Sampled"],
        one_in=found["OneIn"],
        margin=100 * found["Margin"],
        shows_values=found["ShowsValues"],
        fields=tuple(_field(item, found["Sampled"]) for item in found["Items"] if item["Filled"]),
        empty=tuple(item["Field"] for item in found["Items"] if not item["Filled"]),
        left_out=found["LeftOut"],
    )
    return render(page)


def _field(item: Mapping[str, Any], sampled: int) -> Field:
    filled = item["Filled"]
    return Field(
        name=item["Field"],
        kind=KINDS[item["Kind"]],
        count=filled,
        filled=100 * filled / sampled,
        valid=100 * item["Valid"] / filled,
        distinct=100 * item["Distinct"] / filled,
        shapes=_shares(item["Shapes"], "Shape", filled),
        values=_shares(item["Values"], "Value", filled),
    )


def _shares(
    found: list[Mapping[str, Any]], member: str, filled: int
) -> tuple[tuple[str, float], ...]:
    return tuple((each[member], 100 * each["Count"] / filled) for each in found[:SHOWN])
