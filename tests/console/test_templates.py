"""Templates use what their pages document, all of it and nothing else."""

import ast
import inspect
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from openprofiles.console import pages, rendering
from openprofiles.console.rendering import Page, Shell

TEMPLATES = Path(rendering.__file__).parent / "templates"
ENVIRONMENT = Environment(autoescape=True)
ENVIRONMENT.filters |= {"grouped": rendering.grouped, "moment": rendering.moment}
FREE = {"page", "shell", "url_for", "asset", "style", "files_of"}
assert pages.BLUEPRINTS


def kinds() -> list[type[Page]]:
    """All pages; not what dataclasses leave of them when they make slots."""
    return [
        kind
        for kind in Page.__subclasses__()
        if getattr(sys.modules[kind.__module__], kind.__name__) is kind
    ]


def tree_of(name: str) -> nodes.Template:
    return ENVIRONMENT.parse((TEMPLATES / name).read_text("utf-8"))


def used(tree: nodes.Template, name: str) -> set[str]:
    return {
        found.attr
        for found in tree.find_all(nodes.Getattr)
        if isinstance(found.node, nodes.Name) and found.node.name == name
    }


def fields_of(kind) -> set[str]:
    return {field.name for field in fields(kind)}


def documented(kind: type) -> set[str]:
    """The fields of a class that a sentence follows, its parents' included."""
    found = set()
    for of in kind.__mro__[:-1]:
        [definition] = ast.parse(inspect.cleandoc(inspect.getsource(of))).body
        assert isinstance(definition, ast.ClassDef)
        for field, after in zip(definition.body, definition.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr):
                found.add(ast.unparse(field.target))
    return found


@pytest.mark.parametrize("kind", [*kinds(), Shell], ids=lambda kind: kind.__name__)
def test_each_field_is_documented(kind):
    assert fields_of(kind) - documented(kind) == set()


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_a_template_uses_the_fields_of_its_page_and_no_other(kind):
    tree = tree_of(kind.template)
    around = used(tree_of("base.html"), "page") if tree.find(nodes.Extends) else set()

    # A part has a title for those who log it, and need not show it.
    assert used(tree, "page") | around | {"title"} == fields_of(kind)


def test_what_is_around_pages_uses_the_fields_of_the_shell():
    everywhere = [tree_of(path.relative_to(TEMPLATES).as_posix()) for path in _files()]
    names = set().union(*(used(tree, "shell") for tree in everywhere))

    assert names == fields_of(Shell)


def _files() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_template_knows_nothing_but_its_page_and_the_shell(path):
    tree = ENVIRONMENT.parse(path.read_text("utf-8"))
    imported = {name for found in tree.find_all(nodes.FromImport) for name in found.names}
    made = {found.name for found in tree.find_all(nodes.Macro)}

    assert meta.find_undeclared_variables(tree) - FREE - imported - made <= {"caller"}


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(TEMPLATES).as_posix())
def test_a_template_has_neither_scripts_nor_styles_inside(path):
    text = path.read_text("utf-8")

    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text
    assert not any(f" on{event}=" in text for event in ("click", "load", "submit", "change"))
    assert text.count("|safe") == (1 if path.name == "macros.html" else 0)


def test_each_template_has_a_page():
    shared = {
        "base.html",
        "customers/parts.html",
        "domains/parts.html",
        "duplicate_settings/parts.html",
        "parts/charts.html",
        "parts/macros.html",
    }
    names = {path.relative_to(TEMPLATES).as_posix() for path in _files()}

    assert names == shared | {kind.template for kind in kinds()}
