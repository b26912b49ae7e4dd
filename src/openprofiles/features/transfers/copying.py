"""Operations that write a domain to an archive and take it back, beyond the AWS API."""

from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import openprofiles
from openprofiles.core.errors import BadRequest
from openprofiles.core.operation import Answer, Operation, operation
from openprofiles.features import domains
from openprofiles.features.context import Context
from openprofiles.features.transfers import archive, copying_store
from openprofiles.features.transfers.part import PARTS
from openprofiles.storage import journal

Watch = Callable[[str, int], None]
"""Hears the part at hand and how many rows of it are done."""

ROWS_AT_ONCE = 2000

DERIVING = ("Matching", "RuleBasedMatching")
"""Members of a domain from which more follows for its profiles: given to an imported one when its
profiles are there, as to any other domain.
"""


class ExportDomainRequest(TypedDict):
    """`Path` is where the archive is to be, and must be free."""

    DomainName: str
    Path: Path
    Watch: Watch


class ImportDomainRequest(TypedDict):
    """`DomainName` must be free; `Contents` is what `archive.check` said of `Path`."""

    DomainName: str
    Path: Path
    Contents: archive.Contents
    Watch: Watch


@operation("ExportDomain")
def export_domain(context: Context, request: ExportDomainRequest) -> Answer:
    """Write one state of a domain to an archive, while others go on writing to it; the rows by
    part.

    Raises FileExistsError when something is at `Path` already.
    """
    copying_store.begin_snapshot(context.transaction)
    domain = domains.require(context, request["DomainName"])
    rows: dict[str, int] = {}
    with archive.writing(request["Path"]) as writer:
        writer.write_head(
            {
                "domain": domain.name,
                "exported_at": context.now,
                "openprofiles": openprofiles.__version__,
            },
            copying_store.read_domain(context.transaction, domain.id),
        )
        for part in PARTS:
            counted = _Counted(part.name, request["Watch"])
            lines = copying_store.read_part(context.transaction, domain.id, part)
            writer.write_part(part.name, map(counted, lines))
            request["Watch"](part.name, counted.rows)
            rows[part.name] = counted.rows
        writer.write_end()
    return {"Rows": rows}


@operation("ImportDomain", is_bulk=True)
def import_domain(context: Context, request: ImportDomainRequest) -> Answer:
    """Make a domain of an archive: the whole of it or nothing.

    BadRequest when the name is taken or the account has no room for another domain.
    """
    name, contents, path = request["DomainName"], request["Contents"], request["Path"]
    configuration = contents.domain["configuration"]
    derived = {member: configuration[member] for member in DERIVING if member in configuration}
    plain = {member: value for member, value in configuration.items() if member not in DERIVING}
    domains.create_domain(context, {"DomainName": name, **plain})
    domain = domains.require(context, name)
    rows = dict.fromkeys(archive.PART_NAMES, 0)
    for file, content in archive.files(path):
        if file in archive.SINGLE_FILES:
            continue
        part = copying_store.PARTS_BY_NAME[archive.part_of(path, file)]
        lines = content.splitlines()
        for start in range(0, len(lines), ROWS_AT_ONCE):
            some = lines[start : start + ROWS_AT_ONCE]
            copying_store.write_rows(context.transaction, domain.id, part, some)
            rows[part.name] += len(some)
            request["Watch"](part.name, rows[part.name])
    if rows != contents.rows:
        raise BadRequest("The archive changed while it was read")
    if derived:
        domains.update_domain(context, {"DomainName": name, **derived})
    copying_store.write_domain(context.transaction, domain.id, contents.domain)
    journal.append(
        context.transaction,
        domain.id,
        [journal.Entry(kind="domain.imported", subject=contents.manifest["domain"])],
        caller=context.caller,
        now=context.now,
    )
    domains.count(context, domain, **contents.domain["counts"])
    return {"Rows": rows}


class _Counted:
    """Passes lines on, counts them, and tells the watcher now and then."""

    def __init__(self, part: str, watch: Watch) -> None:
        self._part = part
        self._watch = watch
        self.rows = 0

    def __call__(self, line: str) -> str:
        self.rows += 1
        if self.rows % ROWS_AT_ONCE == 0:
            self._watch(self._part, self.rows)
        return line


OPERATIONS: tuple[Operation, ...] = (export_domain, import_domain)
