"""A unified customer profile service with the API of Amazon Connect Customer Profiles."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_customer_profiles import CustomerProfilesClient

__all__ = ["connect"]
__version__ = "0.1.0"


def connect(data_dir: Path | str | None = None, **settings: Any) -> "CustomerProfilesClient":
    """A boto3 `customer-profiles` client of a service in this process: no port, no network.

    The embedded database of `data_dir` is started if needed; other processes may use it at the same
    time. Settings are those of `openprofiles serve`. `client.close()` ends it, as does the end of
    the process. Raises `openprofiles.storage.errors.CannotStart` with a sentence that says what to
    do.
    """
    # Imported here, so that the command line need not load what it does not use.
    from openprofiles.app import connect as open_client

    return open_client(data_dir, **settings)
