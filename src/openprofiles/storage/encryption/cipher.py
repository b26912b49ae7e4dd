"""What seals and opens the values of one domain, within one transaction."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from openprofiles.core.errors import InternalServer, ServiceError
from openprofiles.core.ids import Id
from openprofiles.storage import locks
from openprofiles.storage.database import ChangedMeanwhile
from openprofiles.storage.encryption import sealed
from openprofiles.storage.encryption.errors import KeyRefused, KeyUnavailable
from openprofiles.storage.encryption.sealed import Damaged, IndexKey, ValueKey
from openprofiles.storage.encryption.state import State
from openprofiles.storage.statement import Row

if TYPE_CHECKING:
    from openprofiles.storage.database import Transaction
    from openprofiles.storage.encryption.keyring import Keyring

PROFILE_ID = "_profileId"
"""The key whose values are ids of ours: they stay in the clear."""

logger = logging.getLogger(__name__)

_encode, _decode = msgspec.json.encode, msgspec.json.decode


def know(
    transaction: "Transaction", domain_id: int, account_id: str, name: str, stored: Any
) -> "Cipher | None":
    """A domain's row was read, and says how its values are sealed: `stored` is the column
    `encryption`. What seals them from here on.
    """
    if stored is None:
        transaction.ciphers[domain_id] = None
        return None
    cipher = transaction.ciphers[domain_id] = Cipher(
        transaction, domain_id, account_id, name, stored
    )
    keyring_of(transaction).places.put((account_id, name), (domain_id, stored))
    return cipher


def recall(
    transaction: "Transaction", account_id: str, name: str, key_name: str
) -> "Cipher | None":
    """What sealed the values of a domain when this process last saw it, if it can make tokens of a
    key; whoever uses it asks for the column `encryption` too, and begins anew if that says
    something else.
    """
    found = keyring_of(transaction).places.find((account_id, name))
    if found is None:
        return None
    cipher = Cipher(transaction, found[0], account_id, name, found[1])
    try:
        cipher.token(key_name, "")
    except ServiceError:
        # The domain may have other keys by now.
        return None
    return cipher


def cipher_of(transaction: "Transaction", domain_id: int) -> "Cipher | None":
    """What seals and opens the values of a domain; None when all of them are in the clear.

    It is looked up if the transaction has not read the domain: never assumed.
    """
    try:
        return transaction.ciphers[domain_id]
    except KeyError:
        row = transaction.row(
            "select account_id, name, encryption from domains where domain_id = %s", [domain_id]
        )
        know(transaction, domain_id, *(row or ("", "", None)))
        return transaction.ciphers[domain_id]


class Cipher:
    """Seals and opens values. All of its methods raise KeyUnavailable when a key cannot be used."""

    def __init__(
        self,
        transaction: "Transaction",
        domain_id: int,
        account_id: str,
        name: str,
        stored: Mapping[str, Any],
    ) -> None:
        self._transaction = transaction
        self._domain_id = domain_id
        self._account_id = account_id
        self._name = name
        self._keys: dict[int, ValueKey | IndexKey] = {}
        self.stored = stored
        self.state = State.read(stored)

    def require(self) -> None:
        """Pass when all keys can be used that the domain seals with."""
        for number in sorted(self.state.numbers()):
            self._key(number)

    def is_current(self, stored: Any, number: int | None) -> bool:
        """Whether a stored value is sealed by a key of a number, or in the clear if that is
        None.
        """
        return (sealed.number_of(stored) if isinstance(stored, str) else None) == number

    def seal(self, value: Any, place: str) -> Any:
        """A JSON value as it is stored: a JSON text, or itself when the domain has no key."""
        number = self.state.values
        if number is None:
            return value
        return self._sealing_key(number).seal(_encode(value), place)

    def open(self, stored: Any, place: str) -> Any:
        """A JSON value, none of whose kind is a text, as it was written."""
        if not isinstance(stored, str):
            return stored
        return _decode(self._open(stored, sealed.number_of(stored), place))

    def seal_text(self, text: str, place: str, object_type: str) -> str:
        """A text that came as an object of a type, as it is stored."""
        number = self.state.key_of(object_type)
        if number is None:
            return text
        return self._sealing_key(number).seal(text.encode(), place)

    def open_text(self, stored: str, place: str) -> str:
        """A text as it was written."""
        number = sealed.number_of(stored)
        return stored if number is None else self._open(stored, number, place).decode()

    def seal_json(self, text: str, place: str) -> str:
        """A JSON text as it is stored: that of a JSON text, see `seal`."""
        number = self.state.values
        if number is None:
            return text
        return _encode(self._sealing_key(number).seal(text.encode(), place)).decode()

    def open_json(self, text: str, place: str) -> str:
        """A JSON text, of no text, as it was written."""
        return self.open_text(_decode(text), place) if text.startswith('"') else text

    def token(self, name: str, value: str) -> str:
        """A key value as it is stored: equal ones are equal."""
        if self.state.index is None or name == PROFILE_ID:
            return value
        return self._index_key(self.state.index).token(name, value)

    def tokens(self, keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Keys (name, value) as they are stored."""
        return [(name, self.token(name, value)) for name, value in keys]

    def forms(self, name: str, value: str) -> list[str]:
        """How a key value may be stored: more than one way while the domain is turning."""
        found = [self.token(name, value)]
        if self.state.is_turning and name != PROFILE_ID:
            former = self.state.former_index
            found.append(value if former is None else self._index_key(former).token(name, value))
        return found

    def value(self, name: str, token: str) -> str:
        """The key value behind a token."""
        if name == PROFILE_ID:
            return token
        for number in (self.state.index, self.state.former_index):
            if number is not None:
                token = self._index_key(number).value(name, token)
        return token

    def values(self, keys: Iterable[Iterable[str]]) -> list[tuple[str, str]]:
        """The keys (name, value) behind stored ones."""
        return [(name, self.value(name, token)) for name, token in keys]

    def hidden_id(self, digest: Id) -> Id:
        """A digest of values, 32 hex digits, made one that nobody can compute without the key."""
        if self.state.index is None:
            return digest
        return self._index_key(self.state.index).digest(bytes.fromhex(digest), 16).hex()

    def hidden_number(self, digest: int) -> int:
        """The same for digests of 64 bits."""
        if self.state.index is None:
            return digest
        content = digest.to_bytes(8, "big", signed=True)
        hidden = self._index_key(self.state.index).digest(content, 8)
        return int.from_bytes(hidden, "big", signed=True)

    def _open(self, stored: str, number: int | None, place: str) -> bytes:
        if number is None:
            raise InternalServer(f"A value of domain {self._name} is damaged")
        try:
            return self._value_key(number).open(sealed.content_of(stored), place)
        except Damaged as error:
            raise InternalServer(
                f"A value of domain {self._name} is damaged, or was put where it was not written"
            ) from error

    def _sealing_key(self, number: int) -> ValueKey:
        """A key to seal with, which is not dropped before this transaction ends: who drops keys
        owns the domain. Whoever writes holds its lock from the start; who forgot to takes it now.
        """
        if (self._account_id, self._name) not in self._transaction.held_domains:
            locks.share_domain(self._transaction, self._account_id, self._name)
            self._transaction.require_unchanged()
        return self._value_key(number)

    def _value_key(self, number: int) -> ValueKey:
        key = self._key(number)
        if not isinstance(key, ValueKey):
            raise InternalServer(f"A value of domain {self._name} names a key of another kind")
        return key

    def _index_key(self, number: int) -> IndexKey:
        key = self._key(number)
        if not isinstance(key, IndexKey):
            raise InternalServer(f"The index key of domain {self._name} is of another kind")
        return key

    def _key(self, number: int) -> ValueKey | IndexKey:
        key = self._keys.get(number)
        if key is None:
            key = keyring_of(self._transaction).find(self._domain_id, number) or self._unwrap(
                number
            )
            self._keys[number] = key
        return key

    def _unwrap(self, number: int) -> ValueKey | IndexKey:
        row = self._transaction.row(
            """
            select named_key, wrapped, kind, object_type from data_keys
            where domain_id = %s and number = %s
            """,
            [self._domain_id, number],
        )
        if row is None:
            # Keys go once nothing is sealed with them; what was read before that is read anew.
            self._transaction.require_unchanged()
            raise InternalServer(f"A data key of domain {self._name} is gone")
        named_key, wrapped, kind, object_type = row
        try:
            key: ValueKey | IndexKey = keyring_of(self._transaction).unwrap(
                self._domain_id,
                number,
                named_key=named_key,
                wrapped=bytes(wrapped),
                is_index=kind == "index",
                context=context_of(self._account_id, self._name),
            )
        except KeyRefused as refusal:
            raise unavailable(self._name, object_type, refusal) from refusal
        return key


def found_now(transaction: "Transaction", domain_id: int, rows: list[Row]) -> list[Row]:
    """What a statement found by values, which also says how the domain seals by now: its last
    column is `encryption`, and there is a row of nulls if it found nothing.

    Raises ChangedMeanwhile when the domain seals in another way than was known when the statement
    was sent. So a look-up needs no second statement to be sure.
    """
    cipher = transaction.ciphers[domain_id]
    if rows and rows[0][-1] != (None if cipher is None else cipher.stored):
        raise ChangedMeanwhile
    return [row[:-1] for row in rows if row[0] is not None]


def require_clear(transaction: "Transaction", stored: Any) -> None:
    """Pass when a value is in the clear, as its domain was when it was read; raises
    ChangedMeanwhile when it was sealed since. Somebody may have written what only looks sealed.
    """
    if isinstance(stored, str) and sealed.number_of(stored) is not None:
        transaction.require_unchanged()


def keyring_of(transaction: "Transaction") -> "Keyring":
    """What unwraps the data keys for a transaction: whoever opened it has given it one."""
    if transaction.keyring is None:
        raise AssertionError("Nobody gave this transaction a keyring")
    return transaction.keyring


def context_of(account_id: str, domain_name: str) -> dict[str, str]:
    """What a data key is bound to: KMS logs it with each use of the named key."""
    return {"openprofiles:account": account_id, "openprofiles:domain": domain_name}


def unavailable(domain_name: str, object_type: str | None, refusal: KeyRefused) -> KeyUnavailable:
    """The error for callers, which names the member that names the key."""
    member = f"DefaultEncryptionKey of domain {domain_name}"
    if object_type is not None:
        member = f"EncryptionKey of object type {object_type} in domain {domain_name}"
    return KeyUnavailable(f"The key that {member} names cannot be used: {refusal}")


def is_usable(transaction: "Transaction", domain_id: int) -> bool:
    """Whether the values of a domain can be read and written at the moment: jobs that go through
    many domains leave one out whose key cannot be used, and find it again later.
    """
    cipher = cipher_of(transaction, domain_id)
    try:
        if cipher is not None:
            cipher.require()
    except KeyUnavailable as refusal:
        logger.warning("A domain has to wait for its key", extra={"why": refusal.message})
        return False
    return True
