"""Named keys in a folder: a file for each, made when a name is first used.

For a laptop, a single host, or keys that something else mounts as files. Whoever can read the
folder can read the data; without a file nobody can read what it wrapped.
"""

import re
import secrets
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from openprofiles.storage.encryption.errors import KeyRefused
from openprofiles.storage.encryption.named_keys import DataKeyPair
from openprofiles.storage.encryption.sealed import KEY_BYTES
from openprofiles.storage.key_files import make_key_file

_NONCE_BYTES = 12
_READABLE = 80


def file_name(name: str) -> str:
    """The file of a named key: as much of the name as a file system takes, and a digest of all of
    it.
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[-_READABLE:]
    return f"{readable}-{sha256(name.encode()).hexdigest()[:12]}.key"


class KeyFolder:
    """Keys by any name; two spellings are two keys."""

    def __init__(self, folder: Path | str) -> None:
        self._folder = Path(folder)

    def make_data_key(self, name: str, context: Mapping[str, str]) -> DataKeyPair:
        """See NamedKeys; makes the key's file if it is missing."""
        plain = secrets.token_bytes(KEY_BYTES)
        return DataKeyPair(plain, self.wrap(name, plain, context))

    def wrap(self, name: str, plain: bytes, context: Mapping[str, str]) -> bytes:
        """See NamedKeys; makes the key's file if it is missing."""
        path = self._folder / file_name(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                make_key_file(path, b64encode(secrets.token_bytes(KEY_BYTES)))
        except OSError as error:
            raise KeyRefused(f"its file {path.name} cannot be made") from error
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCMSIV(_read(path)).encrypt(nonce, plain, _bound(context))

    def unwrap(self, name: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """See NamedKeys."""
        key = _read(self._folder / file_name(name))
        nonce, content = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        try:
            return AESGCMSIV(key).decrypt(nonce, content, _bound(context))
        except (InvalidTag, ValueError) as error:
            raise KeyRefused("its file holds another key than when the data was written") from error


def _bound(context: Mapping[str, str]) -> bytes:
    return msgspec.json.encode(context, order="sorted")


def _read(path: Path) -> bytes:
    try:
        key = b64decode(path.read_text("ascii").strip(), validate=True)
    except FileNotFoundError as error:
        raise KeyRefused(f"its file {path.name} is not there") from error
    except (OSError, UnicodeDecodeError, Error) as error:
        raise KeyRefused(f"its file {path.name} cannot be read") from error
    if len(key) != KEY_BYTES:
        raise KeyRefused(f"its file {path.name} does not hold {KEY_BYTES} bytes in base64")
    return key
