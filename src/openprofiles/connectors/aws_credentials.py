"""Settings of a connection that are credentials of AWS."""

from collections.abc import Mapping

from openprofiles.connectors.connector import SourceRefused

NAMES = ("access_key_id", "secret_access_key", "session_token")


def aws_credentials(settings: Mapping[str, str]) -> dict[str, str]:
    """Those of NAMES that are given: an access key, perhaps with a token, or none.

    Raises SourceRefused for a part of them, of which libraries would look for the rest on this
    machine.
    """
    given = {name: settings[name] for name in NAMES if settings.get(name)}
    key_id, secret, token = (name in given for name in NAMES)
    if key_id != secret or (token and not key_id):
        raise SourceRefused(
            "access_key_id and secret_access_key belong together, and session_token to both"
        )
    return given
