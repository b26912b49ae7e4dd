"""Secrets at rest: encrypted with keys that are not in the database.

Fernet (AES-128-CBC with HMAC-SHA256) from the package `cryptography`. The first key encrypts, all
of them decrypt: a new one is put in front, and what it replaces stays behind it.
"""

import hmac
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from openprofiles.core.settings import Settings
from openprofiles.storage.errors import CannotStart
from openprofiles.storage.key_files import make_key_file

FILE = "secrets.key"


class Unsealable(Exception):
    """What was sealed cannot be read with the keys that there are; the text says what to do."""


class Seal:
    """Encrypts and decrypts texts."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    def close(self, content: bytes) -> bytes:
        """`content`, encrypted."""
        return self._keys.encrypt(content)

    def open(self, sealed: bytes) -> bytes:
        """What was encrypted; raises Unsealable."""
        try:
            return self._keys.decrypt(sealed)
        except InvalidToken as error:
            raise Unsealable(
                "A secret was encrypted with a key that is not there: give `secrets_key`, or the"
                f" file {FILE} of the data directory, as it was when the secret was stored"
            ) from error


def open_seal(settings: Settings) -> Seal:
    """The seal of a service: by its setting, else by a key file that is made when it is missing.

    Raises CannotStart when the keys cannot be read or are none.
    """
    texts = _texts_of(settings)
    try:
        keys = [Fernet(key) for key in texts]
        return Seal(MultiFernet(keys))
    except ValueError as error:
        raise CannotStart(
            "The keys of secrets cannot be read: each is 32 bytes in URL-safe base64"
        ) from error


def signing_keys(settings: Settings, purpose: str) -> list[bytes]:
    """Keys to sign with for one purpose, of the same service the same: one for each key of secrets,
    in their order.

    They are not those keys, and tell nothing of them. Raises CannotStart.
    """
    return [
        hmac.digest(key.encode("ascii"), b"openprofiles " + purpose.encode(), "sha256")
        for key in _texts_of(settings)
    ]


def _texts_of(settings: Settings) -> list[str]:
    text = settings.secrets_key
    if text is None:
        text = _read_or_make(settings.data_dir / FILE)
    return text.replace(",", " ").split()


def _read_or_make(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            make_key_file(path, Fernet.generate_key())
        return path.read_text("ascii")
    except UnicodeDecodeError as error:
        raise CannotStart(f"{path} holds no keys: put back the file that was there") from error
    except OSError as error:
        raise CannotStart(
            f"The keys of secrets, {path}, cannot be read or made ({error.strerror}): they sign the"
            " console's cookies and encrypt what is secret, with a database of your own, too. Give"
            " --data-dir a folder that may be written to and stays, or the keys themselves in"
            " OPENPROFILES_SECRETS_KEY_FILE or OPENPROFILES_SECRETS_KEY"
        ) from error
