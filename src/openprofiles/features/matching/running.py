"""Runs jobs: reads, finds, stores and merges step by step, each step an operation of its own.

A job that was left at any step goes on there: what is stored says how far it came, and what was not
stored is done again.
"""

import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openprofiles.core import ids
from openprofiles.core.errors import BadRequest, ResourceNotFound
from openprofiles.core.ids import FIRST, Id
from openprofiles.core.operation import Caller, Invoke
from openprofiles.core.settings import Settings
from openprofiles.features.matching.job import FOUND, Job, Status
from openprofiles.storage.encryption import KeyUnavailable

if TYPE_CHECKING:
    import pyarrow as pa

PROFILES_AT_ONCE = 100_000
NOTE_SECONDS = 1.0
LEFTOVERS_KEPT_SECONDS = 24 * 3600

TOO_LARGE = "the profile would be larger than one may be"

Hold = Callable[[str], AbstractContextManager[bool]]
"""Holds what is called so for as long as the process lives; False when another one does."""

logger = logging.getLogger(__name__)


class Stopped(Exception):
    """The worker has to stop; the job goes on later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What jobs run on."""

    invoke: Invoke
    hold: Hold
    settings: Settings
    caller: Caller
    watch: Callable[[Job], None] = lambda _: None
    is_stopping: Callable[[], bool] = lambda: False


def run_due(machine: Machine) -> int:
    """Run all jobs that should be running and that no other process runs; how many were run."""
    run = 0
    for due in machine.invoke("ListDueIdentityResolutionJobs", {}, machine.caller)["Jobs"]:
        if machine.is_stopping():
            break
        caller = replace(machine.caller, account_id=due["AccountId"], request_id=ids.random_id())
        run += run_one(replace(machine, caller=caller), due["DomainName"], due["JobId"])
    return run


def run_one(machine: Machine, domain_name: str, job_id: Id) -> bool:
    """Run a job to its end; False when another process is at a job of its domain, or it has ended,
    or the domain is gone.
    """
    name = f"openprofiles identity resolution {machine.caller.account_id} {domain_name}"
    with machine.hold(name) as is_held:
        if not is_held:
            return False
        started = time.monotonic()
        run = _Run(machine, {"DomainName": domain_name, "JobId": job_id}, ids.random_id())
        try:
            run.to_the_end()
        except Stopped:
            logger.info("A job stopped, to be continued", extra={"job_id": job_id})
        except (BadRequest, ResourceNotFound) as refusal:
            # Ended or taken over meanwhile, or its domain was deleted: nothing is left to do here.
            logger.info("A job is none any more", extra={"job_id": job_id, "why": refusal.message})
            return False
        except KeyUnavailable as refusal:
            logger.warning(
                "A job has to wait for a key", extra={"job_id": job_id, "why": refusal.message}
            )
            return False
        else:
            seconds = round(time.monotonic() - started, 3)
            logger.info("A job is done", extra={"job_id": job_id, "seconds": seconds})
    return True


def sweep(invoke: Invoke, caller: Caller, *, is_stopping: Callable[[], bool]) -> None:
    """Remove results that have expired and the records of old jobs, batch by batch."""
    while not is_stopping() and not invoke("SweepMatches", {}, caller)["IsDone"]:
        continue


def export_by_rules(invoke: Invoke, caller: Caller) -> None:
    """Write the matches by rules of all domains that want it to their buckets."""
    for domain in invoke("ListExportsByRules", {}, caller)["Domains"]:
        own = replace(caller, account_id=domain["AccountId"], request_id=ids.random_id())
        try:
            invoke("ExportRuleBasedMatches", {"DomainName": domain["DomainName"]}, own)
        except (BadRequest, KeyUnavailable, ResourceNotFound) as refusal:
            logger.warning("Matches were not exported", extra={"why": refusal.message})


@dataclass(slots=True)
class _Run:
    """One process at one job."""

    machine: Machine
    job: dict[str, str]
    runner: Id
    noted_at: float = field(default_factory=time.monotonic)

    def to_the_end(self) -> None:
        """Go through all steps that are left."""
        job = self._do("BeginIdentityResolutionJob")
        if job.ended_at is not None:
            return
        if FOUND not in job.statistics:
            job = self._find(job)
        self._forget()
        if job.auto_merging:
            self._end(self._merge())
        else:
            self._export()

    def _merge(self) -> Job:
        """Merge what matches, some groups at a time."""
        while True:
            answer = self._invoke("MergeMatches")
            job: Job = answer["Job"]
            self.machine.watch(job)
            if answer["IsDone"]:
                return job
            self._go_on()

    def _end(self, job: Job) -> None:
        status, message = Status.COMPLETED, None
        if job.progress.failed:
            status = Status.PARTIAL_SUCCESS
            message = f"{job.progress.failed} matches could not be merged: {TOO_LARGE}"
        self._do("EndIdentityResolutionJob", Status=status, Message=message, ExportingLocation=None)

    def _export(self) -> None:
        """End with the matches in the bucket that the domain names, if it does: there are no
        pending ones where they are merged.
        """
        status, message, location = Status.COMPLETED, None, None
        try:
            location = self._invoke("ExportMatches")["ExportingLocation"]
        except BadRequest as refusal:
            status, message = Status.PARTIAL_SUCCESS, refusal.message
        self._do(
            "EndIdentityResolutionJob", Status=status, Message=message, ExportingLocation=location
        )

    def _find(self, job: Job) -> Job:
        """Read all profiles, match them, store the matches."""
        # Imported here: the engine takes half a second, and only who runs jobs needs it.
        from openprofiles.features.matching import finding, records

        with _folder(self.machine.settings, job.id) as folder:
            path = folder / "records.parquet"
            if job.status is not Status.PREPROCESSING:
                job = self._advance(Status.PREPROCESSING)
            total = self._invoke("GetDomain")["Stats"]["ProfileCount"]
            self._advance(Status.PREPROCESSING, total)
            mapping = records.KEPT
            size = self._read(path, "ReadMatchingValues", records.KEPT_SCHEMA)
            if size is None:
                mapping = records.MAPPING
                size = self._read(path, "ReadMatchingRecords", records.SCHEMA) or 0
            self._advance(Status.FIND_MATCHING, size)
            apart = list(self._decided())
            self._go_on()
            model = self._invoke("ReadMatchingModel")["Model"]
            found = finding.find(
                path, size, self.machine.settings, folder, apart, model=model, mapping=mapping
            )
            return self._do("KeepMatches", Found=found)

    def _read(self, path: Path, operation: str, schema: "pa.Schema") -> int | None:
        """Write what an operation reads of all profiles to a file; how many there are, None when it
        cannot read all.
        """
        from openprofiles.resolution import kept

        done = 0
        after: Id | None = FIRST
        with kept.writer(path, schema) as writer:
            while after is not None:
                read = self._invoke(
                    operation, After=after, Limit=PROFILES_AT_ONCE, Take=writer.write_table
                )
                if not read["IsWhole"]:
                    return None
                done, after = done + read["Count"], read["Last"]
                self._note(done)
                self._go_on()
        return done

    def _decided(self) -> Iterator[tuple[Id, Id]]:
        """All pairs that are not the same person."""
        after: tuple[Id, Id] | None = (FIRST, FIRST)
        while after is not None:
            read = self._invoke("ReadDecisions", After=after)
            yield from read["Pairs"]
            after = read["Last"]

    def _forget(self) -> None:
        while not self._invoke("ForgetMatches")["IsDone"]:
            self._go_on()

    def _advance(self, status: Status, total: int = 0) -> Job:
        return self._do("AdvanceIdentityResolutionJob", Status=status, Total=total)

    def _note(self, done: int) -> None:
        """Let others see how far the step is, now and then."""
        now = time.monotonic()
        if now - self.noted_at >= NOTE_SECONDS:
            self.noted_at = now
            self._do("NoteIdentityResolutionProgress", Done=done)

    def _go_on(self) -> None:
        if self.machine.is_stopping():
            raise Stopped

    def _do(self, name: str, **parameters: Any) -> Job:
        job: Job = self._invoke(name, **parameters)["Job"]
        self.machine.watch(job)
        return job

    def _invoke(self, name: str, **parameters: Any) -> Any:
        return self.machine.invoke(
            name, {**self.job, "Runner": self.runner, **parameters}, self.machine.caller
        )


@contextmanager
def _folder(settings: Settings, job_id: Id) -> Iterator[Path]:
    """A folder for a job's files, gone at the end, for nobody but our user to read.

    What a process that was killed left behind goes when the next one comes.
    """
    base, prefix = settings.data_dir / "resolution", ""
    if settings.database_url is not None:
        # Each by itself: a folder for all of them would be that of who made it first.
        base, prefix = Path(tempfile.gettempdir()), "openprofiles-resolution-"
    base.mkdir(parents=True, exist_ok=True)
    folder = base / f"{prefix}{job_id}"
    for left in base.glob(f"{prefix}*"):
        # Those of others may go while they are looked at.
        with suppress(FileNotFoundError):
            if left == folder or time.time() - left.stat().st_mtime > LEFTOVERS_KEPT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
