"""What openprofiles brings along when it is installed, by the metadata of what is here."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
TOOLS = "dev"
"""The extra for who works on openprofiles: it comes with no installation."""


@dataclass(slots=True)
class Closure:
    """Packages by their names, and who needs whom; "" is openprofiles itself."""

    packages: dict[str, Distribution] = field(default_factory=dict)
    needs: dict[str, set[str]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    """Needed, and not installed here: those of extras, usually."""


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def extras() -> list[str]:
    """The extras that people install."""
    optional = project()["optional-dependencies"]
    return [name for name in optional if name != TOOLS]


def brought_along(chosen: Iterable[str]) -> Closure:
    """All that an installation with the extras `chosen` has."""
    table = project()
    closure = Closure()
    optional: dict[str, list[str]] = table["optional-dependencies"]
    wanted: list[str] = [*table["dependencies"]]
    for extra in chosen:
        wanted += optional[extra]
    _follow("", [Requirement(text) for text in wanted], closure)
    return closure


def _follow(name: str, requirements: list[Requirement], closure: Closure) -> None:
    for requirement in requirements:
        needed = canonicalize_name(requirement.name)
        closure.needs.setdefault(name, set()).add(needed)
        is_known = needed in closure.packages
        if is_known and not requirement.extras:
            continue
        try:
            found = distribution(needed)
        except PackageNotFoundError:
            closure.missing.add(needed)
            continue
        closure.packages[needed] = found
        _follow(needed, _requirements(found, requirement.extras), closure)


def _requirements(found: Distribution, extras: set[str]) -> list[Requirement]:
    """What a package needs here, on this system, with `extras` of it."""
    parsed = [Requirement(text) for text in found.requires or []]
    return [
        requirement
        for requirement in parsed
        if requirement.marker is None
        or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]
