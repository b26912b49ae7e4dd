"""The token of a browser, and what proves that a form was made for it.

Each browser gets a random token in a cookie. The proof is derived from it, so nothing is stored,
and it is masked anew each time: pages are compressed, and the size of a page that holds the same
secret again and again beside what a stranger chose would tell the secret.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

TOKEN_BYTES = 32


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Whether `text` has the form of a token."""
    return len(text) == 43 and all(letter.isalnum() or letter in "-_" for letter in text)


def proof_of(token: str) -> str:
    """What a form carries that is made for the browser with `token`."""
    secret = _secret_of(token)
    mask = secrets.token_bytes(len(secret))
    return base64.urlsafe_b64encode(mask + _xor(mask, secret)).decode()


def is_proof(text: str, token: str) -> bool:
    """Whether `text` was made for the browser with `token`."""
    secret = _secret_of(token)
    try:
        masked = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return False
    mask, rest = masked[: len(secret)], masked[len(secret) :]
    return len(rest) == len(secret) and hmac.compare_digest(_xor(mask, rest), secret)


def _secret_of(token: str) -> bytes:
    return hashlib.sha256(b"form\0" + token.encode()).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))
