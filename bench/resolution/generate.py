"""Write customer profiles with truth: `python generate.py 1000000 out.parquet [--seed 1]
[--duplicates 0.4]`.

The noise of `customers_10k` and more: several sources with their own habits, typos, nicknames,
swapped names, phone formats, shared phones and mailboxes, placeholders, moves, marriages, parent
and child of one name, other scripts.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from names import LEGAL_FORMS
from people import Address, Person, World

from openprofiles.demo.words import STREET_TYPES, pick, slip

COLUMNS = (  # noqa: SIM905  a list of words is read as words
    "ProfileId EntityId Source FirstName MiddleName LastName BirthDate PhoneNumber"
    " HomePhoneNumber MobilePhoneNumber BusinessPhoneNumber EmailAddress PersonalEmailAddress"
    " BusinessEmailAddress BusinessName Address1 City State PostalCode"
).split()
_SCHEMA = pa.schema([(name, pa.int64() if name == "EntityId" else pa.string()) for name in COLUMNS])
_SOURCES = ("web", "pos", "call", "crm")
_RECORDS = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (634, 210, 85, 34, 6, 8, 9, 8, 7))
_PHONES = (
    "+1{0}{1}{2}", "+1{0}{1}{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "{0}{1}{2}", "+1 {0}-{1}-{2}",
    "{0}.{1}.{2}",
    "{0} {1} {2}", "1-{0}-{1}-{2}",
)  # fmt: skip
_JUNK_PHONES = ("0000000000", "999-999-9999", "+15555555555")
_JUNK_EMAILS = ("info@example.com", "test@test.com", "noemail@none.com")

Record = dict[str, str | int | None]


def records(count: int, seed: int, *, duplicates: float | None = None) -> Iterator[Record]:
    """`count` records; `duplicates` is the share of records beyond a person's first, the usual
    0.415 when None.
    """
    world = World(seed)
    random_ = world.random
    entity = made = 0
    while made < count:
        household = world.household()
        for person in household:
            entity += 1
            for _ in range(_copies(random_, duplicates)):
                if made == count:
                    return
                made += 1
                yield _record(random_, person, household, entity) | {"ProfileId": f"p{made:09}"}


def _copies(random_: random.Random, duplicates: float | None) -> int:
    if duplicates is None:
        return int(random_.choices(*_RECORDS)[0])
    return 1 + (random_.random() < duplicates / (1 - duplicates))


def _record(random_: random.Random, person: Person, household: list[Person], entity: int) -> Record:
    record: Record = dict.fromkeys(COLUMNS)
    source = random_.choices(_SOURCES, (36, 19, 30, 15))[0]
    record["EntityId"], record["Source"] = entity, source
    _write_names(random_, record, person)
    if random_.random() < (0.5 if source in {"crm", "call"} else 0.3):
        record["BirthDate"] = _birth_date(random_, person.birth)
    _write_phones(random_, record, person, household)
    _write_emails(random_, record, person)
    if person.company and random_.random() < 0.3:
        name = f"{person.company.name}{pick(random_, (' ', ', '))}{pick(random_, LEGAL_FORMS)}"
        record["BusinessName"] = slip(random_, name, 0.05)
    if random_.random() < 0.5:
        _write_address(random_, record, pick(random_, person.addresses))
    return record


def _write_names(random_: random.Random, record: Record, person: Person) -> None:
    first, last = person.first, person.last
    if person.maiden and random_.random() < 0.4:
        last = person.maiden if random_.random() < 0.8 else f"{last}-{person.maiden}"
    chance = random_.random()
    if person.nicknames and chance < 0.08:
        first = pick(random_, person.nicknames)
    elif chance < 0.10:
        first = first[:1]
    elif person.middle and chance < 0.12:
        first = f"{first} {person.middle}"
    first, last = slip(random_, first, 0.035), slip(random_, last, 0.04)
    if random_.random() < 0.012:
        first, last = last, first
    style = pick(random_, (str.upper, str.lower)) if random_.random() < 0.12 else str
    record["FirstName"] = style(first) if random_.random() < 0.97 else None
    record["LastName"] = style(last) if random_.random() < 0.98 else None
    if person.middle and random_.random() < 0.28:
        record["MiddleName"] = person.middle if random_.random() < 0.5 else person.middle[:1]


def _birth_date(random_: random.Random, birth: tuple[int, int, int]) -> str:
    year, month, day = birth
    chance = random_.random()
    if chance < 0.01:
        return "1900-01-01"
    if chance < 0.02:
        month = day = 1
    elif chance < 0.03:
        month, day = day, month
    elif chance < 0.05:
        day = max(1, min(28, day + pick(random_, (-10, -1, 1, 10))))
    elif chance < 0.055:
        year += pick(random_, (-10, -1, 1, 10))
    shape = pick(
        random_,
        ("{0:04}-{1:02}-{2:02}",) * 7 + ("{1:02}/{2:02}/{0:04}",) * 2 + ("{0:04}{1:02}{2:02}",),
    )
    return shape.format(year, month, day)


def _write_phones(
    random_: random.Random, record: Record, person: Person, household: list[Person]
) -> None:
    def formatted(phone: str) -> str:
        digits = phone[2:]
        if random_.random() < 0.015:
            place = random_.randrange(3, 10)
            digits = digits[:place] + str(random_.randrange(10)) + digits[place + 1 :]
        return pick(random_, _PHONES).format(digits[:3], digits[3:6], digits[6:])

    mobile = pick(random_, person.mobiles)
    chance = random_.random()
    if chance < 0.003:
        record["PhoneNumber"] = pick(random_, _JUNK_PHONES)
    elif chance < 0.02:
        record["PhoneNumber"] = formatted(pick(random_, pick(random_, household).mobiles))
    elif chance < 0.73:
        main = person.home if person.home and random_.random() < 0.3 else mobile
        if person.company and random_.random() < 0.07:
            main = person.company.phone
        record["PhoneNumber"] = formatted(main)
    if person.home and random_.random() < 0.3:
        record["HomePhoneNumber"] = formatted(person.home)
    if random_.random() < 0.3:
        record["MobilePhoneNumber"] = formatted(mobile)
    if person.company and random_.random() < 0.24:
        record["BusinessPhoneNumber"] = formatted(person.company.phone)


def _write_emails(random_: random.Random, record: Record, person: Person) -> None:
    def typed(address: str) -> str:
        local, _, host = address.partition("@")
        local = slip(random_, local, 0.025)
        if random_.random() < 0.04:
            local += "+shop"
        typed_ = f"{local}@{host}"
        return typed_.capitalize() if random_.random() < 0.03 else typed_

    mail = pick(random_, person.emails)
    chance = random_.random()
    if chance < 0.004:
        record["EmailAddress"] = pick(random_, _JUNK_EMAILS)
    elif chance < 0.02 and person.company:
        record["EmailAddress"] = (
            f"{pick(random_, ('info', 'sales', 'office'))}@{person.company.domain}"
        )
    elif chance < 0.05 and person.family_email:
        record["EmailAddress"] = typed(person.family_email)
    elif chance < 0.66:
        work = person.work_email if random_.random() < 0.15 else None
        record["EmailAddress"] = typed(work or mail)
    if random_.random() < 0.15:
        record["PersonalEmailAddress"] = typed(mail)
    if person.work_email and random_.random() < 0.28:
        record["BusinessEmailAddress"] = typed(person.work_email)


def _write_address(random_: random.Random, record: Record, address: Address) -> None:
    street_type = pick(random_, STREET_TYPES[address.kind])
    line = f"{address.house} {slip(random_, address.street, 0.03)} {street_type}"
    record["Address1"] = f"{line} Apt {address.unit}" if address.unit else line
    record["City"], record["State"] = address.town.name, address.town.state
    record["PostalCode"] = slip(random_, address.postal, 0.02, "0123456789")


def write(path: Path, count: int, seed: int, *, duplicates: float | None = None) -> None:
    """Write `count` records to a Parquet file, in random order within batches of 100,000."""
    shuffled = random.Random(seed)
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        batch: list[Record] = []
        for record in records(count, seed, duplicates=duplicates):
            batch.append(record)
            if len(batch) == 100_000:
                shuffled.shuffle(batch)
                writer.write_table(pa.Table.from_pylist(batch, _SCHEMA))
                batch.clear()
        if batch:
            shuffled.shuffle(batch)
            writer.write_table(pa.Table.from_pylist(batch, _SCHEMA))


def main() -> None:
    """Read the arguments and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duplicates", type=float)
    given = parser.parse_args()
    write(given.path, given.count, given.seed, duplicates=given.duplicates)


if __name__ == "__main__":
    main()
