"""Settings of a connection that are credentials of AWS."""

from collections.abc import Mapping

from openprofiles.connectors.connector import SourceRefused

NAMES = ("access_key_id", "secret_access_key", "session_token")


def require_whole_key(settings: Mapping[str, str]) -> None:
    """SourceRefused when only a part of an access key is given: libraries would look for the rest
    on this machine.
    """
    key_id, secret, token = (bool(settings.get(name)) for name in NAMES)
    if key_id != secret or (token and not key_id):
        raise SourceRefused(
            "access_key_id and secret_access_key belong together, and session_token to both"
        )
