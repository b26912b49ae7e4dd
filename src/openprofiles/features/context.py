"""What an operation gets besides its request: who calls, when, in which transaction."""

from dataclasses import dataclass
from datetime import datetime

from openprofiles.core import ids
from openprofiles.core.ids import Id
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings
from openprofiles.storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One call of one operation; `now` is the same moment for all that it does."""

    transaction: Transaction
    caller: Caller
    settings: Settings
    now: datetime

    def ordered_id(self) -> Id:
        """A fresh id that sorts by the moment of this call."""
        return ids.ordered_id(self.now)
