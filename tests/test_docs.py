"""Docs that could lie are held to the code: generated pages, links, examples."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from botocore.session import get_session

from openprofiles.cli import app
from openprofiles.core.settings import all_settings
from scripts import reference

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
EXAMPLES = [
    "README.md",
    "docs/quickstart.md",
    "docs/howto/clients.md",
    "docs/howto/events.md",
    "docs/howto/merge.md",
    "docs/howto/rejected.md",
    "docs/howto/segment.md",
    "docs/howto/shopify-webhooks.md",
    "docs/howto/testing.md",
]
LONGEST_LINE = 130


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_generated_page_is_up_to_date(name):
    written = (reference.FOLDER / name).read_text("utf-8")

    assert written == reference.PAGES[name](), "run `make docs`"


def test_each_setting_is_documented():
    page = (reference.FOLDER / "settings.md").read_text("utf-8")

    assert {setting.name for setting in all_settings() if f"`{setting.name}`" not in page} == set()


def test_each_command_is_documented():
    page = (reference.FOLDER / "commands.md").read_text("utf-8")
    commands = [name for name in app if not name.startswith("-")]

    assert "serve" in commands
    assert [name for name in commands if f"## openprofiles {name}" not in page] == []


def test_the_state_of_each_operation_is_documented():
    page = (reference.FOLDER / "operations.md").read_text("utf-8")
    modelled = get_session().get_service_model("customer-profiles").operation_names

    assert [name for name in modelled if f"| {name} |" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page):
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if "://" in target:
            continue
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            dead.append(target)

    assert dead == []


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}


def test_each_page_can_be_found():
    index = (DOCS / "README.md").read_text("utf-8") + (DOCS / "adr/README.md").read_text("utf-8")
    pages = [page for page in DOCS.rglob("*.md") if page.name != "README.md"]

    assert [_name(page) for page in pages if page.name not in index] == []


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(application) -> Iterator[str]:
    """Where the service answers over HTTP."""
    with make_server("127.0.0.1", 0, application.wsgi, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("page", EXAMPLES)
def test_the_examples_of_a_page_run_and_print_what_they_say(
    page, address, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text("utf-8").replace("http://127.0.0.1:8787", address)
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    promised = re.findall(r"^print\(.*\)  # (.+)$", code, re.MULTILINE)

    exec(compile(code, page, "exec"), {})  # noqa: S102 (our own examples)

    assert promised
    assert capsys.readouterr().out.splitlines() == promised
