"""Progress bars of long commands; on a terminal only."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from openprofiles.cli.saying import say
from openprofiles.features import matching, transfers


@contextmanager
def bar_of_import(console: Console) -> Iterator[Callable[[transfers.State], None]]:
    """How far an import is, by bytes of the files; with the records done and their rate."""
    with Progress(
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[records]:,} records"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TextColumn("{task.fields[rejected]:,} rejected"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("", total=None, records=0, rate=0.0, rejected=0)

        def watch(state: transfers.State) -> None:
            tally = state.tally
            if not state.bytes_done and state.begun_at:
                say(f"Going on after record {state.begun_at:,}, where an earlier import stopped.")
            elapsed = progress.tasks[0].elapsed or 0.0
            progress.update(
                task,
                total=state.bytes_total or None,
                completed=state.bytes_done,
                records=tally.read,
                rate=(tally.read - state.begun_at) / elapsed if elapsed else 0.0,
                rejected=tally.rejected_count,
            )

        yield watch


@contextmanager
def bar_of_rows(console: Console, rows: Mapping[str, int]) -> Iterator[Callable[[str, int], None]]:
    """How many rows of each part of a domain are done."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        tasks = {
            part: progress.add_task(part.replace("_", " "), total=count or None, visible=False)
            for part, count in rows.items()
        }

        def watch(part: str, done: int) -> None:
            if part not in tasks:
                tasks[part] = progress.add_task(part.replace("_", " "), total=None)
            progress.update(tasks[part], completed=done, visible=True)

        yield watch


@contextmanager
def bar_of_job(console: Console) -> Iterator[Callable[[matching.Job], None]]:
    """The step of an identity-resolution job, and how much of it is done where that is known."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("waiting", total=None)

        def watch(job: matching.Job) -> None:
            step = STEPS.get(job.status, job.status)
            # The engine does not say how far it is.
            total = None if job.status == "FIND_MATCHING" else job.progress.total or None
            progress.update(task, description=step, total=total, completed=job.progress.done)

        yield watch


STEPS = {
    "PREPROCESSING": "reading profiles",
    "FIND_MATCHING": "matching",
    "MERGING": "merging",
}
"""What a person reads of the states of a job."""
