"""Method and raw path -> operation and its path labels.

Literal segments win over labels: /profiles/search before /profiles/{ProfileId}. Segments are split
before they are percent-decoded, so that `%2F` inside a name is part of the name. A server that only
hands out a decoded path (as PEP 3333 asks, and granian does) has lost that difference; the last
label of a path, a resource's ARN for one, then takes the slashes it needs (`_rejoin`). What cannot
be told apart there is a `%2F` in a name that must not hold one: it separates segments.

What AWS's front door answers to a path or method that no SDK sends is no part of the service's
contract. Ours: an unknown path is 404, a known path with another method is 405 with `Allow`, both
as UnknownOperationException.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from botocore.model import OperationModel

from openprofiles.core.errors import BadRequest
from openprofiles.wire.patterns import anchored

SLASHED = "arn:aws:profile:region:account:domains/name"
"""A text that each pattern of the model accepts which leaves room for a slash."""
LABEL = re.compile(r"\{(\w+)\+?\}")


class UnknownPath(Exception):
    """No operation has this path."""


class WrongMethod(Exception):
    """Operations have this path, none with this method; `allowed` are the methods they have."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__(allowed)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Route:
    """An operation and the names of its path labels, in order."""

    operation: str
    labels: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    label: "_Node | None" = None
    methods: dict[str, Route] = field(default_factory=dict)


class Router:
    """All paths of the model, and those of our own operations, as one tree of segments."""

    def __init__(
        self,
        operations: Iterable[OperationModel],
        own: Iterable[tuple[str, str, str]] = (),
    ) -> None:
        """`own` are (method, path template, operation) of operations beside the model's."""
        self._root = _Node()
        self._templates: dict[str, str] = {}
        self._rejoining: list[tuple[re.Pattern[str], _Node]] = []
        for operation in operations:
            template = operation.http["requestUri"]
            labels, node = self._add(operation.http["method"], template, operation.name)
            if labels and _may_hold_slashes(operation, labels[-1]):
                self._rejoining.append((_with_slashes_in_last_label(template), node))
        for route in own:
            self._add(*route)
        # Longer paths first: what ends them would else be taken for part of a shorter one's label.
        self._rejoining.sort(key=lambda known: -len(known[0].pattern))

    def match(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        """The operation and its decoded labels.

        Raises UnknownPath, WrongMethod, and BadRequest for a label that is not UTF-8.
        """
        labels: list[str] = []
        methods = self._find(path, labels)
        route = methods.get(method)
        if route is None:
            raise WrongMethod(_names(methods))
        return route.operation, dict(zip(route.labels, map(_decode, labels), strict=True))

    def path_of(self, operation: str, labels: Mapping[str, str]) -> str:
        """The path of an operation with its labels encoded, as SDKs write it."""
        return LABEL.sub(lambda label: quote(labels[label[1]], safe=""), self._templates[operation])

    def methods(self, path: str) -> tuple[str, ...]:
        """The methods of the operations at a path; raises UnknownPath."""
        return _names(self._find(path, []))

    def _find(self, path: str, labels: list[str]) -> dict[str, Route]:
        segments = path.split("/")[1:]
        node = _descend(self._root, segments, 0, labels) or self._rejoin(path, labels)
        if node is None:
            raise UnknownPath
        return node.methods

    def _add(self, method: str, template: str, operation: str) -> tuple[list[str], _Node]:
        node = self._root
        labels = []
        for segment in template.split("/")[1:]:
            label = LABEL.fullmatch(segment)
            if label:
                labels.append(label[1])
                node.label = node.label or _Node()
                node = node.label
            else:
                node = node.literals.setdefault(segment, _Node())
        node.methods[method] = Route(operation, tuple(labels))
        self._templates[operation] = template
        return labels, node

    def _rejoin(self, path: str, labels: list[str]) -> _Node | None:
        for pattern, node in self._rejoining:
            match = pattern.fullmatch(path)
            if match:
                labels[:] = match.groups()
                return node
        return None


def _descend(node: _Node, segments: list[str], index: int, labels: list[str]) -> _Node | None:
    if index == len(segments):
        return node if node.methods else None
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is not None:
        found = _descend(literal, segments, index + 1, labels)
        if found is not None:
            return found
    if node.label is None:
        return None
    labels.append(segment)
    found = _descend(node.label, segments, index + 1, labels)
    if found is None:
        labels.pop()
    return found


def _names(methods: dict[str, Route]) -> tuple[str, ...]:
    return tuple(sorted({*methods, "HEAD"} if "GET" in methods else methods))


def _may_hold_slashes(operation: OperationModel, label: str) -> bool:
    shape = next(
        member
        for name, member in operation.input_shape.members.items()
        if member.serialization.get("name", name) == label
    )
    pattern = shape.metadata.get("pattern")
    return pattern is None or re.search(anchored(pattern), SLASHED) is not None


def _with_slashes_in_last_label(template: str) -> re.Pattern[str]:
    parts = LABEL.split(template)
    literals, count = parts[::2], len(parts[1::2])
    groups = ["([^/]+)"] * (count - 1) + ["(.+)", ""]
    pairs = zip(literals, groups, strict=True)
    return re.compile("".join(re.escape(literal) + group for literal, group in pairs))


def _decode(segment: str) -> str:
    if "%" not in segment:
        return segment
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequest("The path is not UTF-8") from error
