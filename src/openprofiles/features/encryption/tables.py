"""What is sealed besides profiles and what they hold: by table, how a row is sealed anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

from openprofiles.features import profiles
from openprofiles.storage.database import Row
from openprofiles.storage.encryption import Cipher

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose rows have a `key` within their domain (columns with their types). `columns`
    are what is sealed, `others` what it takes to seal it. `seal` makes of (key, others, columns)
    the columns anew.
    """

    name: LiteralString
    key: Mapping[LiteralString, LiteralString]
    columns: Mapping[LiteralString, LiteralString]
    seal: Callable[[Cipher, Row], Values]
    others: tuple[LiteralString, ...] = ()


def _journal(cipher: Cipher, row: Row) -> Values:
    entry_id, detail = row
    place = f"journal/{entry_id}"
    opened = cipher.open(detail, place)
    return (cipher.seal(opened, place) if opened else opened,)


def _document(cipher: Cipher, row: Row) -> Values:
    row_id, object_type, document = row
    place = f"rejected_objects/{row_id}"
    return (cipher.seal_text(cipher.open_text(document, place), place, object_type),)


def _merge(cipher: Cipher, row: Row) -> Values:
    merge_id, receipt, before = row
    return profiles.seal_receipt(
        cipher, merge_id, *profiles.open_receipt(cipher, merge_id, receipt, before)
    )


def _features(cipher: Cipher, row: Row) -> Values:
    profile_id, features = row
    place = f"match_index/{profile_id}"
    return (cipher.seal(cipher.open(features, place), place),)


def _match_value(cipher: Cipher, row: Row) -> Values:
    _, kind, _, value = row
    name = f"match_values/{kind}"
    return (cipher.token(name, cipher.value(name, value)),)


def _former(cipher: Cipher, row: Row) -> Values:
    object_type, unique_key, _, document = row
    place = f"profile_objects/{object_type}/{bytes(unique_key).hex()}"
    return (cipher.seal_text(cipher.open_text(document, place), place, object_type),)


TABLES = (
    Table(
        "former_objects",
        {"object_type": "text", "unique_key": "bytea", "written_id": "uuid"},
        {"document": "text"},
        _former,
    ),
    Table("journal", {"entry_id": "uuid"}, {"detail": "jsonb"}, _journal),
    Table(
        "rejected_objects",
        {"rejection_id": "uuid"},
        {"document": "text"},
        _document,
        others=("object_type",),
    ),
    Table(
        "dead_letters",
        {"letter_id": "uuid"},
        {"document": "text"},
        _document,
        others=("object_type",),
    ),
    Table("merges", {"merge_id": "uuid"}, {"receipt": "jsonb", "before": "jsonb"}, _merge),
    Table("match_index", {"profile_id": "uuid"}, {"features": "json"}, _features),
    Table(
        "match_values",
        {"job_id": "uuid", "kind": "smallint", "value": "text"},
        {"value": "text"},
        _match_value,
    ),
)
