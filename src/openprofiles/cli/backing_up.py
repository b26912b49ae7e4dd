"""`openprofiles backup` and `openprofiles restore`: the whole database to a file, and back."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from openprofiles import __version__
from openprofiles.cli.errors import Refused
from openprofiles.cli.options import with_connection
from openprofiles.cli.saying import console, refusing, say
from openprofiles.core.settings import Settings
from openprofiles.storage import backups
from openprofiles.storage.embedded import EmbeddedServer


@with_connection
@refusing
def backup(
    settings: Settings,
    out: Annotated[Path, Parameter(help="The file to write; not there yet.")],
    *,
    with_keys: Annotated[
        bool,
        Parameter(
            help="Take along the key files of the data directory: whoever has such a backup can"
            " read the secrets in it.",
            negative="",
        ),
    ] = False,
    verify: Annotated[
        bool,
        Parameter(
            help="Then read it, restore it to a folder for temporary files, and compare.",
            negative="",
        ),
    ] = False,
) -> int:
    """Write the whole database to one file, in one state, while the service goes on writing.

    With `--database-url` the database of that server.
    """
    keys = backups.read_keys(settings.data_dir) if with_keys else {}
    with console.status("Backing up"):
        if settings.database_url is not None:
            made = backups.back_up(settings.database_url, out, version=__version__, keys=keys)
        else:
            if not (settings.data_dir / "postgres").exists():
                raise Refused(f"There is no database in {settings.data_dir}")
            with EmbeddedServer(settings.data_dir) as server:
                made = backups.back_up(server.conninfo, out, version=__version__, keys=keys)
    say(f"Backed up {_describe(made)} to {out} ({out.stat().st_size:,} bytes)")
    if not keys:
        say("Keys of encrypted secrets are not in it: keep them apart (docs/howto/backup.md)")
    if verify:
        _try_out(backups.check(out))
    return 0


@with_connection
@refusing
def restore(
    settings: Settings,
    file: Annotated[Path, Parameter(help="What `openprofiles backup` wrote.")],
    *,
    check: Annotated[
        bool,
        Parameter(
            help="Only read it, restore it to a folder for temporary files, and compare.",
            negative="",
        ),
    ] = False,
) -> int:
    """Restore a backup to a data directory, or a database of a server, that is empty.

    The next start brings it to the schema of this version.
    """
    with console.status("Reading the backup"):
        found = backups.check(file)
    if check:
        _try_out(found)
        return 0
    with console.status("Restoring"):
        if settings.database_url is not None:
            backups.restore_server(found, settings.database_url, settings.data_dir)
        else:
            backups.restore_data_dir(found, settings.data_dir)
    say(f"Restored {_describe(found.manifest)}")
    if not found.keys:
        say(
            "The backup has no keys: before the service starts, give those that encrypted its"
            " secrets (docs/howto/backup.md)"
        )
    return 0


def _try_out(found: backups.Backup) -> None:
    with console.status("Restoring for a trial"):
        backups.try_out(found)
    say(f"The backup is whole, and restores: {_describe(found.manifest)}")


def _describe(made: backups.Manifest) -> str:
    parts = [f"{made.rows.get(table, 0):,} {table}" for table in ("domains", "profiles")]
    objects = made.rows.get("profile_objects", 0)
    return f"{', '.join(parts)} and {objects:,} objects as of {made.made_at} (schema {made.schema})"
