"""Settings of the service, as people at a browser see them."""

from openprofiles.core.settings import Origin
from tests.console.conftest import signed_in
from tests.console.visiting import Visitor

HERE = "/console/settings"


def test_settings_are_shown_with_where_they_come_from(make_console):
    origins = {"port": Origin.OPTION, "region": Origin.ENVIRONMENT, "host": Origin.COMMAND}
    somebody = Visitor(make_console(auth="open", port=9000, origins=origins))

    page = somebody.get(HERE).text

    assert "<code>threads</code>" in page
    assert '<code class="value">--port</code>' in page
    assert "by default 8787" in page
    assert "OPENPROFILES_REGION" in page
    assert "Set by somebody: 3" in page


def test_only_those_that_somebody_set_are_shown(make_console):
    somebody = Visitor(make_console(auth="open", origins={"port": Origin.OPTION}))

    page = somebody.get(f"{HERE}?show=changed").text

    assert "<code>port</code>" in page
    assert "<code>threads</code>" not in page


def test_when_nobody_set_anything_that_is_said(make_console):
    page = Visitor(make_console(auth="open", origins={})).get(f"{HERE}?show=changed").text

    assert "All settings are as they are by default" in page


def test_secrets_are_not_shown(make_console):
    page = Visitor(make_console(auth="open", oidc_client_secret="sesame")).get(HERE).text

    assert "set, and not shown" in page
    assert "sesame" not in page


def test_people_of_another_account_are_told_that_these_are_not_for_them(make_console, keys):
    guest = signed_in(Visitor(make_console(account_id="999999999999")), keys.make("admin"))

    answer = guest.get(HERE)

    assert answer.status_code == 403
    assert "own account" in answer.text
