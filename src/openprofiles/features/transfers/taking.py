"""Takes a batch of records of any source into a domain, in the caller's transaction: what is no
document is kept with the rejected objects, all else goes through the one path in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from openprofiles.connectors.files import storable
from openprofiles.features import domains, object_types, profiles
from openprofiles.features.context import Context
from openprofiles.features.transfers import store
from openprofiles.features.transfers.tally import Tally
from openprofiles.features.transfers.turn import Turn

MAX_RECORDS = 1000
"""A batch is one transaction: large enough to pay for its commit, small enough to hold a few."""

STANDARD_KEYS = 6
"""Key values of its own that a profile has, about: mail, phone, account, name, id."""


class Takable(Protocol):
    """A record: JSON text, or with a problem the text as it came; and where it is, for a person."""

    @property
    def document(self) -> str: ...
    @property
    def problem(self) -> str | None: ...
    @property
    def place(self) -> str: ...


@dataclass(slots=True)
class Taken:
    """What became of a batch."""

    outcomes: Sequence[profiles.Outcome]
    _batch: "_Batch"

    def count(self, tally: Tally) -> None:
        """Add what became of the records."""
        batch = self._batch
        for rejection, place in zip(batch.rejections, batch.rejected_places, strict=True):
            tally.reject(rejection.reason, place)
        for outcome, place in zip(self.outcomes, batch.places, strict=True):
            if outcome.result == "rejected":
                tally.reject(outcome.reason or "", place)
            else:
                tally.add(outcome.result)


def take(
    context: Context,
    domain: domains.Domain,
    mapping: object_types.Mapping,
    records: Sequence[Takable],
    turn: Turn,
) -> Taken:
    """Ingest records, in their turn among the batches under way; the caller notes how far it is
    and counts them, in the same transaction, once this returns.
    """
    batch = _read(records)
    turn.begin()
    outcomes = profiles.ingest(
        context,
        domain,
        mapping,
        batch.documents,
        keeps_refused=True,
        before_writing=turn.pass_on,
    )
    profiles.keep_rejected(context, domain, mapping.name, batch.rejections)
    turn.pass_on()
    turn.wait_for_commit()
    return Taken(outcomes, batch)


def records_at_once(context: Context, mapping: object_types.Mapping) -> int:
    """How large a batch of a type may be on this server.

    Each key value of a batch is locked, the type's own and those of the standard profile. Three
    batches are under way, and two fifths of the locks are left to others.
    """
    return at_once(store.count_locks(context.transaction), len(mapping.key_names))


def at_once(locks: int, keys: int) -> int:
    """How large a batch may be on a server with so many locks, of a type with so many keys."""
    return max(1, min(MAX_RECORDS, locks // (5 * (keys + STANDARD_KEYS))))


@dataclass(slots=True)
class _Batch:
    """Records as ingestion takes them, and those that it cannot take."""

    documents: list[profiles.Document] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    rejections: list[profiles.Rejection] = field(default_factory=list)
    rejected_places: list[str] = field(default_factory=list)

    def reject(self, record: Takable, problem: str) -> None:
        """Keep a record that is no document."""
        kept = storable(record.document.encode("utf-8", "backslashreplace"))
        self.rejections.append(profiles.Rejection(kept, problem))
        self.rejected_places.append(record.place)


def _read(records: Sequence[Takable]) -> _Batch:
    batch = _Batch()
    for record in records:
        if record.problem is not None:
            batch.reject(record, record.problem)
            continue
        try:
            batch.documents.append(profiles.read_document(record.document))
        except profiles.NotAnObject as error:
            batch.reject(record, str(error))
        else:
            batch.places.append(record.place)
    return batch
