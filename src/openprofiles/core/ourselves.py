"""The caller that the service itself is, when its workers and commands do something."""

from openprofiles.core import ids
from openprofiles.core.operation import Caller
from openprofiles.core.settings import Settings


def ourselves(settings: Settings, principal: str) -> Caller:
    """The service as a caller, which may do everything; `principal` says for logs and the journal
    which part of it.
    """
    return Caller(
        account_id=settings.account_id,
        region=settings.region,
        principal=principal,
        request_id=ids.random_id(),
    )
