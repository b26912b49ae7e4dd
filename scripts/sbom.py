"""Write the bill of materials: python -m scripts.sbom FILE

CycloneDX as JSON, of the core install with all extras that are installed here: each package with
its version, its licence and its name at PyPI, and who needs whom.
"""

import sys
from importlib.metadata import version
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from scripts.dependencies import brought_along, extras, project
from scripts.licences import licence_of


def make() -> Bom:
    """The bill of materials of openprofiles."""
    closure = brought_along(extras())
    licence = LicenseFactory().make_from_string
    root = Component(
        name="openprofiles",
        version=version("openprofiles"),
        type=ComponentType.APPLICATION,
        bom_ref="openprofiles",
        description=str(project()["description"]),
        licenses=[licence(str(project()["license"]))],
    )
    bom = Bom()
    bom.metadata.component = root
    components = {
        name: Component(
            name=name,
            version=package.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{name}=={package.version}",
            purl=PackageURL("pypi", None, name, package.version),
            licenses=[licence(text)] if (text := licence_of(package)) else [],
        )
        for name, package in closure.packages.items()
    }
    for component in components.values():
        bom.components.add(component)
    for name, component in {"": root, **components}.items():
        needed = closure.needs.get(name, set()) & components.keys()
        bom.register_dependency(component, [components[other] for other in needed])
    return bom


def as_json(bom: Bom) -> str:
    """The text of the file."""
    return JsonV1Dot6(bom).output_as_string(indent=1)


if __name__ == "__main__":
    (out,) = sys.argv[1:]
    Path(out).write_text(as_json(make()) + "\n", "utf-8")
    if missing := brought_along(extras()).missing:
        sys.exit(f"Not installed here, and so not in {out}: {', '.join(sorted(missing))}")
