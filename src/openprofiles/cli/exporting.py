"""`openprofiles export`: a domain to an archive."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from openprofiles.cli.importing import print_rows
from openprofiles.cli.opening import caller_of, opened
from openprofiles.cli.options import with_connection
from openprofiles.cli.progress import bar_of_rows
from openprofiles.cli.saying import console, refusing
from openprofiles.core.settings import Settings


@with_connection
@refusing
def export(
    settings: Settings,
    out: Annotated[Path, Parameter(help="Where to: a .tar.gz file, else a folder; not there yet.")],
    *,
    domain: Annotated[str, Parameter(help="The domain to export.")],
) -> int:
    """Write a domain to an archive, in one state, while others go on writing to it."""
    with opened(settings) as application, bar_of_rows(console, {}) as watch:
        answer = application.invoke(
            "ExportDomain",
            {"DomainName": domain, "Path": out.absolute(), "Watch": watch},
            caller_of(settings, "export"),
        )
    print_rows(answer["Rows"], f"Exported domain {domain} to {out}")
    return 0
