"""The subset of Handlebars that sources may use, parsed once and compiled to functions (core
reference §3.3).

Expressions `{{_source.a.b}}`, the blocks `if`, `unless`, `each`, `with` with `{{else}}`, and
`removeExtraSpace`. Nothing is escaped: `O'Brien & Co` must arrive as it is. Falsy are missing,
null, `""`, `false`, `0` and `[]`.

Why our own: pybars3 (last release 2019, as pybars4 2021) generates Python source and executes it,
escapes HTML and resolves any helper; chevron and combustache are Mustache, which has neither `if`
nor `each`. The subset is smaller than the code that would restrain a full engine.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openprofiles.core.errors import BadRequest
from openprofiles.features.object_types.number import text_of

DEEPEST = 20
"""Blocks inside blocks; templates have at most 1,000 characters, so nobody needs more."""
LONGEST_RESULT = 262_144
"""Characters one template may make of one object."""
MOST_ELEMENTS = 100_000
"""Elements it may go through: `each` inside `each` over long lists must not eat hours."""

BLOCKS = ("if", "unless", "each", "with", "removeExtraSpace")

_TAG = re.compile(r"\{\{!--.*?--\}\}|\{\{\{(.*?)\}\}\}|\{\{(.*?)\}\}", re.DOTALL)
_PATH_PART = re.compile(r"\[([^\[\]]+)\]|([^\s\[\]{}()!\"#%&'*+,./;<=>@\\^`|~]+)")
_DATA = re.compile(r"@(index|key|first|last)")


class Scope(NamedTuple):
    """What names mean at one place, and how many elements may still be gone through."""

    value: Any
    data: dict[str, Any]
    outer: "Scope | None"
    budget: list[int]


class TooLong(Exception):
    """A template made more text than any object may hold."""


Render = Callable[[Scope], str]
Find = Callable[[Scope], Any]


@dataclass(slots=True)
class _Block:
    """A block that is being read: its name, what it tests or goes through, and the parts found
    so far.
    """

    name: str
    find: Find
    parts: list[Render] = field(default_factory=list)
    otherwise: list[Render] | None = None
    is_else_if: bool = False

    def add(self, part: Render) -> None:
        (self.parts if self.otherwise is None else self.otherwise).append(part)


def compile_template(text: str) -> Callable[[Any], str]:
    """The function that makes text of a document; BadRequest when `text` is not a template of
    the subset.
    """
    render = _joined(_Parser().parse(text))

    def run(document: Any) -> str:
        return render(Scope({"_source": document}, {}, None, [MOST_ELEMENTS]))

    return run


class _Parser:
    """Reads a template from left to right, with a stack of the blocks that are open."""

    def __init__(self) -> None:
        self._open = [_Block("", _element_reader([], 0))]

    def parse(self, text: str) -> list[Render]:
        position = 0
        for tag in _TAG.finditer(text):
            self._add_text(text[position : tag.start()])
            position = tag.end()
            content = tag[1] if tag[1] is not None else tag[2]
            if content is not None and not content.startswith("!"):
                self._add_tag(content.strip(), is_triple=tag[1] is not None)
        self._add_text(text[position:])
        if len(self._open) > 1:
            raise BadRequest(
                f"Source is not a valid template: {{{{#{self._open[-1].name}}}}} is not closed"
            )
        return self._open[0].parts

    def _add_text(self, text: str) -> None:
        if "{{" in text or "}}" in text:
            raise BadRequest("Source is not a valid template: its braces do not pair")
        if text:
            self._open[-1].add(lambda _: text)

    def _add_tag(self, content: str, *, is_triple: bool) -> None:
        if is_triple or content[:1] not in ("#", "/"):
            words = content.split()
            if words[:1] == ["else"] and not is_triple:
                self._begin_else(words[1:])
            else:
                self._open[-1].add(_as_text(self._path(content)))
        elif content.startswith("#"):
            self._begin_block(content[1:].split())
        else:
            self._end_block(content[1:].strip())

    def _begin_block(self, words: Sequence[str], *, is_else_if: bool = False) -> None:
        name = words[0] if words else ""
        if name not in BLOCKS:
            raise BadRequest(
                "Source is not a valid template: "
                f"the blocks are {', '.join(BLOCKS)}, and there are no other helpers"
            )
        takes = 0 if name == "removeExtraSpace" else 1
        if len(words) - 1 != takes:
            raise BadRequest(f"Source is not a valid template: {{{{#{name}}}}} takes {takes} path")
        if len(self._open) > DEEPEST:
            raise BadRequest(
                f"Source is not a valid template: more than {DEEPEST} blocks inside each other"
            )
        find = self._path(words[1]) if takes else self._open[0].find
        self._open.append(_Block(name, find, is_else_if=is_else_if))

    def _begin_else(self, words: Sequence[str]) -> None:
        block = self._open[-1]
        if block.name in ("", "removeExtraSpace") or block.otherwise is not None:
            raise BadRequest("Source is not a valid template: {{else}} has no block to belong to")
        block.otherwise = []
        if words:
            self._begin_block(words, is_else_if=True)

    def _end_block(self, name: str) -> None:
        block = self._open[-1]
        while block.is_else_if:
            self._close_innermost()
            block = self._open[-1]
        if block.name != name or not name:
            raise BadRequest(
                f"Source is not a valid template: {{{{/{name}}}}} closes no open block"
            )
        self._close_innermost()

    def _close_innermost(self) -> None:
        block = self._open.pop()
        self._open[-1].add(_render_of(block))

    def _path(self, text: str) -> Find:
        inside = any(block.name in ("each", "with") for block in self._open)
        return _parse_path(text, is_inside_element=inside)


def _parse_path(text: str, *, is_inside_element: bool) -> Find:
    data = _DATA.fullmatch(text)
    if data:
        return _data_reader(data[1])
    levels = 0
    rest = text.removeprefix("@root.")
    while rest == ".." or rest.startswith("../"):
        levels, rest = levels + 1, rest[3:]
    names = _names(rest) if rest not in ("", ".", "this") else []
    if names[:1] == ["this"]:
        names = names[1:]
    elif names[:1] == ["_source"]:
        return _root_reader(names)
    if not is_inside_element or (not rest and not levels):
        raise BadRequest(
            "Source is not a valid template: an expression must be a path that begins with _source"
        )
    return _element_reader(names, levels)


def _names(text: str) -> list[str]:
    names: list[str] = []
    position = 0
    while position <= len(text):
        part = _PATH_PART.match(text, position)
        if part is None or text[part.end() : part.end() + 1] not in ("", ".", "/"):
            raise BadRequest(
                "Source is not a valid template: "
                "an expression is one path, without helpers, strings or comparisons"
            )
        names.append(part[1] or part[2])
        position = part.end() + 1
    return names


def _data_reader(name: str) -> Find:
    def find(scope: Scope) -> Any:
        around: Scope | None = scope
        while around is not None:
            if name in around.data:
                return around.data[name]
            around = around.outer
        return None

    return find


def _root_reader(names: Sequence[str]) -> Find:
    def find(scope: Scope) -> Any:
        while scope.outer is not None:
            scope = scope.outer
        return _descend(scope.value, names)

    return find


def _element_reader(names: Sequence[str], levels: int) -> Find:
    def find(scope: Scope) -> Any:
        around: Scope | None = scope
        for _ in range(levels):
            around = around.outer if around else None
        return _descend(around.value, names) if around else None

    return find


def _descend(value: Any, names: Sequence[str]) -> Any:
    for name in names:
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and len(name) < 10:
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def _as_text(find: Find) -> Render:
    return lambda scope: text_of_value(find(scope))


def text_of_value(value: Any) -> str:
    """A value inside a template: nothing for null, elements joined by commas as Handlebars
    does, no objects.
    """
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(text_of_value, value))
    return text_of(value)


def _is_true(value: Any) -> bool:
    # An empty object is true, as in Handlebars; an empty list is not.
    return bool(value) or isinstance(value, dict)


def _joined(parts: Sequence[Render]) -> Render:
    def render(scope: Scope) -> str:
        text = "".join([part(scope) for part in parts])
        if len(text) > LONGEST_RESULT:
            raise TooLong
        return text

    return render


def _render_of(block: _Block) -> Render:
    inner, otherwise = _joined(block.parts), _joined(block.otherwise or [])
    find = block.find
    if block.name == "removeExtraSpace":
        return lambda scope: " ".join(inner(scope).split())
    if block.name == "if":
        return lambda scope: (inner if _is_true(find(scope)) else otherwise)(scope)
    if block.name == "unless":
        return lambda scope: (otherwise if _is_true(find(scope)) else inner)(scope)
    if block.name == "with":
        return _with(find, inner, otherwise)
    return _each(find, inner, otherwise)


def _with(find: Find, inner: Render, otherwise: Render) -> Render:
    def render(scope: Scope) -> str:
        value = find(scope)
        return inner(Scope(value, {}, scope, scope.budget)) if _is_true(value) else otherwise(scope)

    return render


def _each(find: Find, inner: Render, otherwise: Render) -> Render:
    def render(scope: Scope) -> str:
        entries = _entries(find(scope))
        if not entries:
            return otherwise(scope)
        scope.budget[0] -= len(entries)
        if scope.budget[0] < 0:
            raise TooLong
        last = len(entries) - 1
        texts, length = [], 0
        for index, (key, element) in enumerate(entries):
            data = {"index": index, "key": key, "first": index == 0, "last": index == last}
            texts.append(inner(Scope(element, data, scope, scope.budget)))
            length += len(texts[-1])
            if length > LONGEST_RESULT:
                raise TooLong
        return "".join(texts)

    return render


def _entries(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
