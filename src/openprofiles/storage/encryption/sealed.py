"""Sealed values and tokens: how they look, and the keys that make them.

Values are sealed by AES-256-GCM-SIV (RFC 8452) with random nonces: unlike GCM it needs no count of
how often a key was used, and a busy domain seals 2^32 values in days. The place of a value (its
table, column and row) is authenticated with it, so that none can be put in another's place.

What is looked up is made a token by AES-256-SIV (RFC 5297): its first 16 bytes are a keyed hash of
the value, the same for equal values of one name, and the key brings the value back.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import blake2b

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV, AESSIV
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
MARK = "\x01"
"""Begins all that is sealed: no JSON does, and no text that somebody writes."""

_NONCE_BYTES = 12
_TAG_BYTES = 16
_SIV_KEY_BYTES = 64


class Damaged(Exception):
    """A sealed value is not what was written there."""


class ValueKey:
    """Seals and opens values."""

    __slots__ = ("_head", "_key")

    def __init__(self, number: int, key: bytes) -> None:
        self._key = AESGCMSIV(key)
        self._head = f"{MARK}{number}."

    def seal(self, content: bytes, place: str) -> str:
        """`content`, sealed for a place."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._key.encrypt(nonce, content, place.encode())
        return self._head + b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for a place; raises Damaged."""
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._key.decrypt(nonce, content, place.encode())
        except (InvalidTag, ValueError) as error:
            raise Damaged from error


class IndexKey:
    """Makes tokens of what is looked up, and the values of tokens."""

    __slots__ = ("_digests", "_tokens")

    def __init__(self, key: bytes) -> None:
        expanded = HKDFExpand(SHA512(), _SIV_KEY_BYTES, b"openprofiles tokens").derive(key)
        self._tokens = AESSIV(expanded)
        self._digests = HKDFExpand(SHA512(), KEY_BYTES, b"openprofiles digests").derive(key)

    def token(self, name: str, value: str) -> str:
        """The token of a value under a name."""
        sealed = self._tokens.encrypt(value.encode(), [name.encode()]) if value else b""
        return MARK + b64encode(sealed).decode()

    def value(self, name: str, token: str) -> str:
        """The value behind a token. What is no token is the value itself: a customer's value may
        begin like one.
        """
        if not token.startswith(MARK):
            return token
        try:
            sealed = b64decode(token[1:], validate=True)
            return self._tokens.decrypt(sealed, [name.encode()]).decode() if sealed else ""
        except (InvalidTag, ValueError):
            return token

    def digest(self, content: bytes, size: int) -> bytes:
        """A keyed hash of what is never to be read back."""
        return blake2b(content, digest_size=size, key=self._digests).digest()


def number_of(text: str) -> int | None:
    """The number of the key that sealed a text; None when it is not sealed."""
    if not text.startswith(MARK):
        return None
    number, point, _ = text[1:].partition(".")
    return int(number) if point and number.isascii() and number.isdigit() else None


def content_of(text: str) -> bytes:
    """The bytes within a sealed text; raises Damaged."""
    encoded = text[text.index(".") + 1 :]
    try:
        return b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except Error as error:
        raise Damaged from error


def size_of(head: str, text_bytes: int) -> int:
    """How long a text is, sealed or not, of which only the head and the stored length are known."""
    number = number_of(head)
    return text_bytes if number is None else plain_bytes(text_bytes, number)


def plain_bytes(text_bytes: int, number: int) -> int:
    """How long the content of a text is that a key of a number sealed; `text_bytes` is how long
    the text is.
    """
    encoded = text_bytes - len(f"{MARK}{number}.")
    return encoded * 3 // 4 - _NONCE_BYTES - _TAG_BYTES
