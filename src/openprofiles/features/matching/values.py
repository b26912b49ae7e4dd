"""What the last run found of the values of a few profiles."""

from collections.abc import Mapping, Sequence

from openprofiles import resolution
from openprofiles.features.matching.store import matches
from openprofiles.storage.database import Transaction


def known_of(
    transaction: Transaction,
    domain_id: int,
    result: matches.Result,
    records: Sequence[resolution.Features],
) -> resolution.KnownValues:
    """What a run found of the values of some normalised records."""
    wanted = sorted({value for record in records for value in values_of(record)})
    numbers = matches.find_numbers(transaction, domain_id, result.job_id, wanted)
    return known_values(numbers, result.size)


def known_values(numbers: Mapping[tuple[int, str], int], size: int) -> resolution.KnownValues:
    """Stored numbers as the engine asks for them."""

    def of(kind: int) -> dict[str, int]:
        return {value: number for (other, value), number in numbers.items() if other == kind}

    return resolution.KnownValues(
        size=size,
        first_name_counts=of(resolution.FIRST_NAME),
        last_name_counts=of(resolution.LAST_NAME),
        town_counts=of(resolution.TOWN),
        phone_kinds={int(value): kind for value, kind in of(resolution.PHONE).items()},
        email_kinds=of(resolution.EMAIL),
    )


def values_of(record: resolution.Features) -> set[tuple[int, str]]:
    """The values of a record that a run may note, each a kind and a text."""
    one_each = (
        (resolution.FIRST_NAME, record.first_name),
        (resolution.LAST_NAME, record.last_name),
        (resolution.TOWN, record.town),
    )
    return {
        *((kind, value) for kind, value in one_each if value is not None),
        *((resolution.PHONE, str(number)) for number, _ in record.phones),
        *((resolution.EMAIL, address) for address, _ in record.emails),
    }
