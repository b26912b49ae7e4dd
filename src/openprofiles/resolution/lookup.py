"""The blocking keys of one record, as texts to index: what `blocking.py` says in SQL.

Records that share a text are candidates. Who keeps an index should skip a text that more records
have than `caps` says, and kinds of which it says nothing, as a batch run does.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from openprofiles.resolution import blocking
from openprofiles.resolution.record import Features

_VOWELS = str.maketrans("", "", "aeiouyhw ")


@lru_cache(maxsize=64)
def caps(identifiers: int, size: int) -> Mapping[str, int]:
    """For each kind of key how many records may share one, in a table of `size` records; a kind
    that is missing finds nothing there.
    """
    found = {group[0].name: group[0].cap for group in blocking.keys(identifiers, size)}
    return MappingProxyType(found)


def keys_of(record: Features) -> list[tuple[str, str]]:
    """The kind and text of each of the record's keys."""
    found = [*_values(record), *_texts(record)]
    return [
        (kind, "\x1f".join(str(part) for part in parts))
        for kind, parts in found
        if all(part is not None for part in parts)
    ]


Parts = tuple[str | int | None, ...]


def _values(record: Features) -> Iterator[tuple[str, Parts]]:
    for number, _ in record.phones:
        yield "phone", (number,)
    for address, _ in record.emails:
        yield "email", (address,)
        local = address.split("@")[0]
        if len(local) > 5:
            yield "email_local", (local,)
    for slot, value in enumerate(record.identifiers, 1):
        yield f"identifier_{slot}", (value,)


def _texts(record: Features) -> Iterator[tuple[str, Parts]]:
    first, last, birth = record.first_name, record.last_name, record.birth
    code, business = record.zip, record.business
    counted = record.counted or first
    area = _start(code, 3)
    year = birth // 10000 if birth is not None else None
    if counted is not None and last is not None:
        yield "name", (min(counted, last), max(counted, last))
    yield "name_area", (counted, last, area)
    yield "skeleton", (_start(first, 1), _skeleton(last))
    yield "last_birth", (last, birth)
    yield "first_birth", (first, birth)
    yield "birth_zip", (birth, code)
    yield "last_zip", (last, code)
    yield "first_zip", (first, code)
    yield "address", (record.house or "", record.street, code or record.town or "")
    yield "prefix_area", (_start(first, 3), _start(last, 3), area)
    yield "prefix_year", (_start(first, 2), _start(last, 2), year)
    yield "business_first", (business, first)
    yield "business_last", (business, last)
    if record.is_company:
        yield "company", (business,)
        yield "company_prefix_zip", (_start(business, 5), code)
    yield "last", (last,)
    yield "birth", (birth,)


def _start(text: str | None, length: int) -> str | None:
    return text[:length] if text is not None else None


def _skeleton(name: str | None) -> str | None:
    return name[:1] + name[1:].translate(_VOWELS) if name is not None else None
