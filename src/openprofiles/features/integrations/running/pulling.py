"""One process at one run: opens the source, reads it ahead, has each batch taken, ends the run.

A run that was left anywhere goes on there: what is stored says how far it came.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from openprofiles.connectors import (
    Connector,
    Pull,
    SourceRefused,
    SourceUnavailable,
    UnknownKind,
    require,
)
from openprofiles.core import ids
from openprofiles.core.errors import ServiceError
from openprofiles.core.ids import Id
from openprofiles.core.operation import Answer
from openprofiles.features import transfers
from openprofiles.features.integrations import connections, flows
from openprofiles.features.integrations.operations.steps import Order
from openprofiles.features.integrations.run import Run, Status
from openprofiles.features.integrations.running.machine import Machine
from openprofiles.features.integrations.running.reading import Batch, Cutting
from openprofiles.features.integrations.source import Source
from openprofiles.storage.encryption import KeyUnavailable

LOOK_SECONDS = 2.0
"""How often a run asks whether somebody wants it to stop."""

logger = logging.getLogger(__name__)


def run_one(machine: Machine, domain_name: str, run_id: Id, uri: str) -> bool:
    """Run a run to its end, or until its source cannot be read on; False when another process is at
    its integration, or it has ended, or is gone.

    Raises DatabaseUnavailable; the run goes on later then.
    """
    name = f"openprofiles integration {machine.caller.account_id} {domain_name} {uri}"
    with machine.hold(name) as is_held:
        if not is_held:
            return False
        pulling = _Pulling(machine, {"DomainName": domain_name, "RunId": run_id}, ids.random_id())
        try:
            pulling.to_the_end()
        except ServiceError as refusal:
            # Ended or taken over meanwhile, or its domain was deleted: nothing is left to do here.
            logger.info("A run is none any more", extra={"run_id": run_id, "why": refusal.message})
            return False
    return True


@dataclass(slots=True)
class _Pulling:
    """One process at one run."""

    machine: Machine
    run: dict[str, str]
    runner: Id
    is_unwanted: bool = False
    looked_at: float = field(default_factory=time.monotonic)

    def to_the_end(self) -> None:
        """Pull until the source has no more, or something ends it."""
        begun = self._invoke("BeginIntegrationRun")
        run, order = begun["Run"], begun["Order"]
        self.machine.watch(run)
        if order is None:
            return
        try:
            self._pull(run, order)
        except SourceUnavailable as problem:
            self._do("PostponeIntegrationRun", Message=str(problem), RetryAfter=problem.retry_after)
        except (connections.CannotOpen, SourceRefused, flows.Terminated, UnknownKind) as problem:
            self._end(Status.FAILED, str(problem))
        except KeyUnavailable as problem:
            # What was read is read again once the domain's key can be used.
            self._do("PostponeIntegrationRun", Message=problem.message, RetryAfter=None)
        except ServiceError as problem:
            # The object type was deleted meanwhile; or the run, and then ending it is refused too.
            self._end(Status.FAILED, problem.message)
        else:
            if self.is_unwanted:
                self._end(Status.CANCELLED, "Stopped by request")
            elif not self.machine.is_stopping():
                self._end(Status.COMPLETE, None)

    def _pull(self, run: Run, order: Order) -> None:
        """Read the source and have its records taken; ends early when the run is to stop."""
        connector = connections.open_connector(
            self.machine.settings,
            order.source.kind,
            order.connection,
            domain_id=order.domain_id,
            values=order.source.values,
        )
        ahead = transfers.Ahead(
            partial(_read, connector, run, order), self._is_stopping, name="integration reader"
        )
        try:
            with ahead.running() as batches, transfers.Line[None]() as line:
                self._take_all(batches, line, run, order)
        finally:
            if ahead.has_ended:
                connector.close()

    def _take_all(
        self,
        batches: transfers.Ahead[Batch],
        line: transfers.Line[None],
        run: Run,
        order: Order,
    ) -> None:
        position = run.position
        for batch in batches:
            parameters = {
                **self.run,
                "Runner": self.runner,
                "ObjectTypeName": order.object_type,
                "Position": position,
                "Read": batch.read,
                "Records": batch.records,
                "Bookmark": batch.bookmark,
                "Part": batch.part,
            }
            # Batches get their permits in the order of their turns, so none waits for one that has
            # none.
            self.machine.permits.acquire()
            line.submit(partial(self._take, parameters), None)
            position += batch.read
            if line.is_full:
                self._settle(line)
        while self._settle(line):
            continue

    def _take(self, parameters: dict[str, Any], turn: transfers.Turn) -> Answer:
        try:
            return self.machine.invoke(
                "TakeIntegrationRecords", {**parameters, "Turn": turn}, self.machine.caller
            )
        finally:
            self.machine.permits.release()

    def _settle(self, line: transfers.Line[None]) -> bool:
        settled = line.settle()
        if settled is None:
            return False
        answer, _ = settled
        run: Run = answer["Run"]
        self.is_unwanted = self.is_unwanted or run.is_stopping
        self.machine.watch(run)
        return True

    def _is_stopping(self) -> bool:
        """Whether to take no more: the process stops, or somebody wants the run to; asked now and
        then, also while the source is slow.
        """
        now = time.monotonic()
        if not self.is_unwanted and now - self.looked_at >= LOOK_SECONDS:
            self.looked_at = now
            self.is_unwanted = not self._invoke("LookAtIntegrationRun")["GoesOn"]
        return self.is_unwanted or self.machine.is_stopping()

    def _end(self, status: Status, message: str | None) -> None:
        self._do("EndIntegrationRun", Status=status, Message=message)

    def _do(self, name: str, **parameters: Any) -> None:
        run: Run = self._invoke(name, **parameters)["Run"]
        self.machine.watch(run)
        logger.info(
            "A run came to a stop",
            extra={
                "run_id": run.id,
                "status": run.status.value,
                "pulled": run.position,
                "ingested": run.ingested,
                "rejected": run.rejected,
            },
        )

    def _invoke(self, name: str, **parameters: Any) -> Answer:
        return self.machine.invoke(
            name, {**self.run, "Runner": self.runner, **parameters}, self.machine.caller
        )


def _read(connector: Connector, run: Run, order: Order) -> Iterator[Batch]:
    """The batches of a run's source."""
    source = order.source
    transform = flows.compile_tasks(
        source.tasks, source.operator_member, passes_others=source.passes_others
    )
    pull = _pull_of(source, run)
    cutting = Cutting(
        _bounded(transform, pull, source), order.records_at_once, run.position, run.part
    )
    return cutting.batches(connector.read(pull))


def _bounded(transform: flows.Transform, pull: Pull, source: Source) -> flows.Transform:
    """`transform` within the bounds of a pull, where the source knows nothing of times: files."""
    field_name, since, until = pull.timestamp_field, pull.since, pull.until
    knows_times = require(source.kind).default_timestamp_field is not None
    if field_name is None or knows_times or (since is None and until is None):
        return transform
    is_within = flows.within(field_name, since, until)
    return lambda record: transform(record) if is_within(record) else None


def _pull_of(source: Source, run: Run) -> Pull:
    field_name = source.timestamp_field or require(source.kind).default_timestamp_field
    fields = source.fields
    if fields is not None and field_name is not None and field_name not in fields:
        fields = (*fields, field_name)
    return Pull(
        object_name=source.object_name,
        fields=fields,
        bookmark=run.bookmark,
        timestamp_field=field_name,
        since=run.plan.since,
        until=run.plan.until,
        options=source.options,
    )
