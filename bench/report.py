"""From findings to rows: what is shown, and whether it is what issue 2 asks for."""

import statistics
from collections.abc import Sequence

from bench.campaign import Findings, Sizes
from bench.load import Outcome
from bench.table import Row, middle


def rows_of(findings: Findings, sizes: Sizes) -> list[Row]:
    """All rows of the table."""
    return [
        *_puts(findings),
        *_searches(findings, sizes),
        *_imports(findings, sizes),
        *_starts(findings),
        *_growth(findings, sizes),
    ]


def _puts(findings: Findings) -> list[Row]:
    rates = _each(findings.puts, "rate")
    ratios = [ours / floor for ours, floor in zip(rates, findings.floor, strict=True)]
    p99 = _each(findings.puts, "p99")
    return [
        _at_least("PutProfileObject, 16 connections: requests/s", rates, 1000),
        Row("the same statements through pgbench: transactions/s", middle(findings.floor)),
        _at_least("put : pgbench", ratios, 0.5, digits=2),
        Row("put, p50", middle(_each(findings.puts, "p50"), " ms", 1)),
        _at_most("put, p99", p99, 50, " ms", 1),
        Row("load generator's share of one core", middle(_each(findings.puts, "processor"), "", 2)),
    ]


def _searches(findings: Findings, sizes: Sizes) -> list[Row]:
    outcomes = findings.large_searches
    rates = _each(outcomes, "rate")
    ratios = [ours / peer for ours, peer in zip(rates, findings.peer, strict=True)]
    where = f"among {sizes.large:,} profiles"
    return [
        Row(f"SearchProfiles by key {where}, 4 connections: requests/s", middle(rates)),
        Row("the bare query through psycopg, 4 threads: queries/s", middle(findings.peer)),
        _at_least("search : bare query", ratios, 0.5, digits=2),
        Row("search, p50", middle(_each(outcomes, "p50"), " ms", 1)),
        _at_most("search, p95", _each(outcomes, "p95"), 5, " ms", 1),
    ]


def _imports(findings: Findings, sizes: Sizes) -> list[Row]:
    rates = [found.rate for found in findings.imports]
    steadiness = [found.rate_at_end / found.rate_at_start for found in findings.imports]
    memory = [found.peak_memory for found in findings.imports]
    return [
        _at_least(f"import of {sizes.large:,} objects, 3 keys each: objects/s", rates, 10_000),
        _at_least("import, rate of the last tenth : of the first", steadiness, 0.7, digits=2),
        _at_most("import, peak memory of the importer (RSS)", memory, 500, " MB"),
    ]


def _starts(findings: Findings) -> list[Row]:
    parts = sorted({name for memory in findings.memory for name in memory})
    return [
        _at_most("start of `serve` to the first answer", findings.starts, 2, " s", 2),
        *(
            Row(
                f"idle memory, {part} (PSS)",
                middle([memory[part] for memory in findings.memory], " MB"),
            )
            for part in parts
        ),
    ]


def _growth(findings: Findings, sizes: Sizes) -> list[Row]:
    pairs = {
        "put": (findings.puts, findings.large_puts),
        "search": (findings.searches, findings.large_searches),
    }
    where = f"p50 at {sizes.large:,} profiles : at {sizes.small:,}"
    rows = []
    for name, (small, large) in pairs.items():
        growth = statistics.median(_each(large, "p50")) / statistics.median(_each(small, "p50"))
        rows.append(_at_most(f"{name}, {where}", [growth], 1.5, digits=2))
    return rows


def _each(outcomes: Sequence[Outcome], name: str) -> list[float]:
    return [getattr(outcome, name) for outcome in outcomes]


def _at_least(
    what: str, values: Sequence[float], target: float, unit: str = "", digits: int = 0
) -> Row:
    is_met = statistics.median(values) >= target
    return Row(what, middle(values, unit, digits), f"≥ {target:,}{unit}", is_met)


def _at_most(
    what: str, values: Sequence[float], target: float, unit: str = "", digits: int = 0
) -> Row:
    is_met = statistics.median(values) < target
    return Row(what, middle(values, unit, digits), f"< {target:,}{unit}", is_met)
