"""Transfers: files of objects into a domain, and whole domains out to an archive and back.

Rooms above that bring records of other sources read `Ahead`, keep a few batches under way in a
`Line`, and `take` each in its `Turn`. Who has sent a file may have it imported at once (`run_due`).
"""

from openprofiles.connectors.files import Format, Unreadable
from openprofiles.features.transfers import copying, operations, sent_files
from openprofiles.features.transfers.ahead import Ahead
from openprofiles.features.transfers.archive import Contents, is_archive
from openprofiles.features.transfers.archive import check as check_archive
from openprofiles.features.transfers.importing import Order, State, import_objects
from openprofiles.features.transfers.jobs import schedules
from openprofiles.features.transfers.line import Line
from openprofiles.features.transfers.sent_files import has_kept_file
from openprofiles.features.transfers.sent_running import run_due
from openprofiles.features.transfers.source import find_sources
from openprofiles.features.transfers.taking import Takable, records_at_once, take
from openprofiles.features.transfers.tally import Tally
from openprofiles.features.transfers.tuning import tuned_for_batches
from openprofiles.features.transfers.turn import Turn

OPERATIONS = (*operations.OPERATIONS, *sent_files.OPERATIONS, *copying.OPERATIONS)

__all__ = [
    "OPERATIONS",
    "Ahead",
    "Contents",
    "Format",
    "Line",
    "Order",
    "State",
    "Takable",
    "Tally",
    "Turn",
    "Unreadable",
    "check_archive",
    "find_sources",
    "has_kept_file",
    "import_objects",
    "is_archive",
    "records_at_once",
    "run_due",
    "schedules",
    "take",
    "tuned_for_batches",
]
