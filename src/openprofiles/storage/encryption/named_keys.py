"""Named keys: what wraps data keys, and never leaves the place where it is kept."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from openprofiles.core.settings import Settings

KMS = "kms"
FOLDER = "encryption-keys"


class DataKeyPair(NamedTuple):
    """A fresh data key, and itself wrapped by a named key."""

    plain: bytes
    wrapped: bytes


class NamedKeys(Protocol):
    """Where named keys are kept. A name is what `DefaultEncryptionKey` says.

    `context` says whose data key it is: it is authenticated with it, and KMS writes it to its log.
    """

    def make_data_key(self, name: str, context: Mapping[str, str]) -> DataKeyPair:
        """A fresh data key of 32 bytes; raises KeyRefused."""

    def wrap(self, name: str, plain: bytes, context: Mapping[str, str]) -> bytes:
        """A data key that is there, wrapped by a named key; raises KeyRefused."""

    def unwrap(self, name: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The data key that a named key wrapped; raises KeyRefused."""


def open_named_keys(settings: Settings) -> NamedKeys:
    """Where the settings say: AWS KMS or what is like it, else a folder of key files."""
    place = settings.encryption_keys
    if place == KMS or (place is None and settings.kms_endpoint_url is not None):
        # Imported here, as boto3 is elsewhere: only who has keys in KMS needs it.
        from openprofiles.storage.encryption.kms import KmsKeys

        return KmsKeys(settings.region, settings.kms_endpoint_url)
    from openprofiles.storage.encryption.key_folder import KeyFolder

    return KeyFolder(settings.data_dir / FOLDER if place is None else place)
