"""What was measured, as a table for people; and its place in docs/performance.md."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One number and what it should be; `is_met` is None where there is no target."""

    what: str
    measured: str
    target: str = ""
    is_met: bool | None = None


def middle(values: Sequence[float], unit: str = "", digits: int = 0) -> str:
    """The median, and from where to where the values lie."""
    low, high = min(values), max(values)
    median = f"{statistics.median(values):,.{digits}f}{unit}"
    return f"{median} ({low:,.{digits}f} to {high:,.{digits}f})" if len(values) > 1 else median


def as_markdown(rows: Sequence[Row], machine: Mapping[str, str], command: str) -> str:
    """The table, and when, where and how it was measured."""
    day = datetime.now(UTC).date().isoformat()
    lines = [
        f"Measured on {day} with `{command}`: medians, and from where to where repetitions lie.",
        "",
        *(f"- {name}: {text}" for name, text in machine.items()),
        "",
        "| what | measured | target | met |",
        "|---|---|---|---|",
    ]
    met = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {row.what} | {row.measured} | {row.target} | {met[row.is_met]} |" for row in rows]
    return "\n".join(lines)


def write(text: str, name: str = "measured", page: Path = PAGE) -> None:
    """Put the table between the markers of the page that are called `name`."""
    begin, end = (f"<!-- {name}: {place} -->" for place in ("begin", "end"))
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")
