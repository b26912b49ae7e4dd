"""The command line; one file per command group."""

import sys
from collections.abc import Sequence

from cyclopts import App

from openprofiles import __version__
from openprofiles.storage.errors import CannotStart

app = App(
    name="openprofiles",
    version=__version__,
    help="A unified customer profile service with the API of Amazon Connect Customer Profiles.",
)
# By name, so that a command loads only what it needs.
app.command("openprofiles.cli.serve:serve", name="serve")
app.command("openprofiles.cli.demo:demo", name="demo")
app.command("openprofiles.cli.importing:import_files", name="import")
app.command("openprofiles.cli.exporting:export", name="export")
app.command("openprofiles.cli.backing_up:backup", name="backup")
app.command("openprofiles.cli.backing_up:restore", name="restore")
app.command("openprofiles.cli.sweeping:sweep", name="sweep")
app.command("openprofiles.cli.resolving:resolve", name="resolve")
app.command("openprofiles.cli.resolving:preview", name="preview")
app.command("openprofiles.cli.deciding:explain", name="explain")
app.command("openprofiles.cli.deciding:decide", name="decide")
app.command("openprofiles.cli.match:match", name="match")
app.command("openprofiles.cli.rules:app", name="rules")
app.command("openprofiles.cli.encryption:app", name="encryption")
app.command("openprofiles.cli.merges:app", name="merges")
app.command("openprofiles.cli.integrations:app", name="integrations")
app.command("openprofiles.cli.connections:app", name="connections")
app.command("openprofiles.cli.rejected:app", name="rejected")
app.command("openprofiles.cli.replaying:replay", name="replay")
app.command("openprofiles.cli.events:app", name="events")
app.command("openprofiles.cli.keys:app", name="keys")
app.command("openprofiles.cli.policies:app", name="policies")
app.command("openprofiles.cli.erasing:erase", name="erase")
app.command("openprofiles.cli.erasing:erasures", name="erasures")
app.command("openprofiles.cli.erasing:disclose", name="disclose")
app.command("openprofiles.cli.auditing:audit", name="audit")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (the process's own by default) name.

    It ends by SystemExit with its exit code; one that cannot start returns it.
    """
    try:
        app(sys.argv[1:] if arguments is None else arguments)
    except CannotStart as error:
        print(f"openprofiles: {error}", file=sys.stderr)  # noqa: T201 (a command speaks to people)
        return 1
    raise AssertionError("A command ends the process with its exit code")
