"""`make bench`: measure what docs/performance.md promises, and write it there.

`make bench ARGS=resolution` measures identity resolution beside its peer instead. With `--quick`
everything is small and short, to see whether the measurements work; their numbers mean nothing and
are written nowhere.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import machine, table
from bench.campaign import FULL, QUICK, Campaign
from bench.report import rows_of


def main() -> None:
    """Run the campaign and print, or write, its table."""
    if sys.argv[1:2] == ["resolution"]:
        script = Path(__file__).parent / "resolution" / "versus.py"
        raise SystemExit(subprocess.call([sys.executable, script, *sys.argv[2:]]))
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and short, nothing is written")
    parser.add_argument(
        "--folder", type=Path, help="where the data goes, on the disk to be measured"
    )
    options = parser.parse_args()
    sizes = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory(prefix="openprofiles-bench-", dir=options.folder) as folder:
        findings = Campaign(Path(folder), sizes).run()
    text = table.as_markdown(rows_of(findings, sizes), machine.describe(), "make bench")
    if options.quick:
        print(f"{text}\n\nQUICK: small sizes and short runs; these numbers mean nothing.")
    else:
        table.write(text)
        print(text)


if __name__ == "__main__":
    main()
