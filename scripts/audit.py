"""Ask PyPI for known vulnerabilities of all that constraints.txt pins: python -m scripts.audit

By pip-audit, once a day as long as nothing changes. Where the service cannot be asked, as behind a
mirror that has packages only, this says so and passes; with OPENPROFILES_AUDIT=required it fails.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PINNED = ROOT / "constraints.txt"
NOTE = ROOT / ".venv" / ".audited"
"""When what was asked, and the answer."""

PATIENCE_SECONDS = 45

KNOWN: dict[str, str] = {}
"""Id of a vulnerability -> why it does not concern us. Nothing else is let through."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says."""

    found: tuple[str, ...]
    """A line for each vulnerability."""
    unknown: int
    """Packages that it was not told about."""
    asked: int

    @property
    def is_none(self) -> bool:
        """Whether the service could not be asked at all."""
        return self.unknown == self.asked


def ask() -> Answer:
    """What is known of the pinned packages."""
    pinned = [line for line in PINNED.read_text("utf-8").splitlines() if "==" in line]
    arguments = ["--requirement", str(PINNED), "--no-deps", "--disable-pip", "--format", "json"]
    try:
        told = subprocess.run(  # noqa: S603 (our own arguments)
            [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", *arguments],
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        ).stdout
        return read(json.loads(told)["dependencies"])
    except (subprocess.TimeoutExpired, ValueError):
        # It ends without an answer when the service is not there.
        return Answer((), len(pinned), len(pinned))


def read(packages: list[dict[str, Any]]) -> Answer:
    """The answer in pip-audit's report."""
    found = [
        f"{package['name']} {package['version']}: {known['id']}"
        f" (fixed in {', '.join(known['fix_versions']) or 'no version'})"
        for package in packages
        for known in package.get("vulns", [])
        if not {known["id"], *known.get("aliases", [])} & KNOWN.keys()
    ]
    unknown = sum("skip_reason" in package for package in packages)
    return Answer(tuple(found), unknown, len(packages))


def judge(answer: Answer, *, is_required: bool) -> tuple[int, str]:
    """The exit code, and what to say."""
    if answer.found:
        return 1, "Known vulnerabilities:\n  " + "\n  ".join(answer.found)
    if answer.is_none:
        return int(is_required), "NOT AUDITED: no service for known vulnerabilities can be reached"
    rest = f"; {answer.unknown} packages are unknown to the service" if answer.unknown else ""
    return 0, f"No known vulnerabilities in {answer.asked - answer.unknown} packages{rest}"


def stamp(today: date) -> str:
    """What the answer holds for: the day, what is pinned, and what is let through."""
    content = PINNED.read_bytes() + repr(sorted(KNOWN)).encode()
    return f"{today.isoformat()} {sha256(content).hexdigest()}"


def main() -> int:
    """Ask, unless that has been done today, and say the answer."""
    is_required = os.environ.get("OPENPROFILES_AUDIT") == "required"
    holds_for = stamp(datetime.now(UTC).date())
    if not is_required and NOTE.exists():
        known_for, _, text = NOTE.read_text("utf-8").partition("\n")
        if known_for == holds_for:
            print(f"{text} (asked today)")  # noqa: T201 (it speaks to people)
            return 0
    code, text = judge(ask(), is_required=is_required)
    if code == 0:
        NOTE.write_text(f"{holds_for}\n{text}", "utf-8")
    print(text, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main())
