"""Customer data at rest: sealed with data keys, which named keys wrap (ADR 0033).

A domain whose `DefaultEncryptionKey` is set has data keys of its own, and so has an object type
whose `EncryptionKey` is. They are kept wrapped by the named key, which stays in AWS KMS or in a
folder of key files. Stores ask `cipher_of` for what seals and opens the values of a domain; it is
None for a domain that has no key, and then nothing is done at all.
"""

from openprofiles.storage.encryption.changing import renew_keys, use_domain_key, use_type_key
from openprofiles.storage.encryption.cipher import (
    Cipher,
    cipher_of,
    found_now,
    is_usable,
    know,
    recall,
    require_clear,
)
from openprofiles.storage.encryption.data_keys import Scope, change_state, drop_unused, list_keys
from openprofiles.storage.encryption.errors import KeyUnavailable
from openprofiles.storage.encryption.keyring import Keyring, open_keyring
from openprofiles.storage.encryption.opening import opened
from openprofiles.storage.encryption.sealed import size_of
from openprofiles.storage.encryption.state import State

__all__ = [
    "Cipher",
    "KeyUnavailable",
    "Keyring",
    "Scope",
    "State",
    "change_state",
    "cipher_of",
    "drop_unused",
    "found_now",
    "is_usable",
    "know",
    "list_keys",
    "open_keyring",
    "opened",
    "recall",
    "renew_keys",
    "require_clear",
    "size_of",
    "use_domain_key",
    "use_type_key",
]
