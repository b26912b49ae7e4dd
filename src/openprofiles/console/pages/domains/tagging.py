"""Tags of a domain, which policies can go by."""

from flask import Response, flash, request, url_for

from openprofiles.console.pages.domains.area import ONE, blueprint
from openprofiles.console.pages.domains.settings import show_settings
from openprofiles.console.saying import plainly
from openprofiles.console.visit import ask, person, see_other
from openprofiles.core.errors import BadRequest


@blueprint.post(f"{ONE}/settings/tags")
def tag(domain_name: str) -> Response:
    """Set a tag."""
    key, value = request.form.get("key", "").strip(), request.form.get("value", "").strip()
    try:
        ask("TagResource", resourceArn=_arn_of(domain_name), tags={key: value})
    except BadRequest as error:
        problem = plainly(error).removeprefix("tags: ")
        return show_settings(domain_name, tag=(key, value), tag_problem=problem)
    flash(f"Tag {key} is set.", "success")
    return see_other(url_for("domains.settings", domain_name=domain_name))


@blueprint.post(f"{ONE}/settings/tags/remove")
def untag(domain_name: str) -> Response:
    """Remove a tag."""
    key = request.form.get("key", "")
    ask("UntagResource", resourceArn=_arn_of(domain_name), tagKeys=[key])
    flash(f"Tag {key} is removed.", "success")
    return see_other(url_for("domains.settings", domain_name=domain_name))


def _arn_of(domain_name: str) -> str:
    caller = person().caller
    return f"arn:aws:profile:{caller.region}:{caller.account_id}:domains/{domain_name}"
