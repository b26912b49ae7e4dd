"""Transfers: files of objects into a domain, and whole domains out to an archive and back."""

from openprofiles.connectors.files import Format, Unreadable
from openprofiles.features.transfers import copying, operations
from openprofiles.features.transfers.archive import Contents, is_archive
from openprofiles.features.transfers.archive import check as check_archive
from openprofiles.features.transfers.importing import Order, State, import_objects
from openprofiles.features.transfers.source import find_sources
from openprofiles.features.transfers.tally import Tally

OPERATIONS = (*operations.OPERATIONS, *copying.OPERATIONS)

__all__ = [
    "OPERATIONS",
    "Contents",
    "Format",
    "Order",
    "State",
    "Tally",
    "Unreadable",
    "check_archive",
    "find_sources",
    "import_objects",
    "is_archive",
]
