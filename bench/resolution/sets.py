"""The tables that the engine is measured on, each with its truth and its mapping."""

import csv
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from generate import COLUMNS, Record, records
from names import LEGAL_FORMS, TRADES
from numpy.typing import NDArray

from openprofiles.demo.words import invented, pick
from openprofiles.resolution import ColumnMapping, guess_mapping
from openprofiles.resolution.fields import EMAILS, PHONES

Labelled = tuple[str, pa.Table, NDArray[np.int64], ColumnMapping]
TRUTH_SET = "truth set of three sources"
_CONTACT = ("ProfileId", "FirstName", "LastName", *PHONES, *EMAILS)


def known(data: Path | None) -> Iterator[Labelled]:
    """The public sets in the folder `data`, and generated customers."""
    if data is not None:
        yield _labelled("customers_10k", pq.read_table(data / "customers_10k.parquet"))
        yield _labelled(
            "customers_10k, contact only", pq.read_table(data / "customers_10k.parquet"), _CONTACT
        )
        fake = pc.read_csv(data / "fake_1000.csv")
        yield _labelled("fake_1000", fake, truth="cluster", id_column="unique_id")
        yield _febrl(data / "febrl3.csv")
    customers = _generated(100_000, seed=11)
    yield _labelled("generated 100,000", customers)
    yield _labelled("generated 100,000, contact only", customers, _CONTACT)


def _labelled(
    name: str,
    table: pa.Table,
    only: tuple[str, ...] | None = None,
    truth: str = "EntityId",
    id_column: str = "ProfileId",
) -> Labelled:
    people = np.unique(np.array(table[truth].to_pylist()), return_inverse=True)[1]
    seen = table.select(only) if only else table.drop_columns([truth])
    return name, seen, people, guess_mapping(seen.column_names, id_column=id_column)


def _febrl(path: Path) -> Labelled:
    raw = pc.read_csv(path)
    table = pa.table(
        {
            name.strip(): [
                None if value is None else str(value).strip() or None
                for value in raw[name].to_pylist()
            ]
            for name in raw.column_names
        }
    )
    mapping = ColumnMapping(
        id="rec_id",
        fields={
            "FirstName": ("given_name",),
            "LastName": ("surname",),
            "Address1": ("street_number", "address_1"),
            "City": ("suburb",),
            "PostalCode": ("postcode",),
            "BirthDate": ("date_of_birth",),
        },
        identifiers=("soc_sec_id",),
        country="AU",
    )
    people = [name.split("-")[1] for name in table["rec_id"].to_pylist()]
    return "febrl3", table, np.unique(people, return_inverse=True)[1], mapping


def truth_set(folder: Path, key: Path) -> Labelled:
    """The three sources of Senzing's truth set in `folder`, and the key that its authors publish.

    Its people and companies are mapped as they would be in the service, each column to the field
    it is named after; numbers of documents are identifiers.
    """
    with key.open(encoding="utf-8", newline="") as file:
        entity = {(row["DATA_SOURCE"], row["RECORD_ID"]): row for row in csv.DictReader(file)}
    rows: list[dict[str, str]] = []
    for source in ("customers", "reference", "watchlist"):
        with (folder / f"{source}.csv").open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    columns = sorted({name for row in rows for name in row})
    table = pa.table({name: [row.get(name) or None for row in rows] for name in columns})
    names = [(row["DATA_SOURCE"], row["RECORD_ID"]) for row in rows]
    table = table.append_column("ID", pa.array(["-".join(name) for name in names]))
    mapping = ColumnMapping(
        id="ID",
        fields={
            "FirstName": ("PRIMARY_NAME_FIRST",),
            "MiddleName": ("PRIMARY_NAME_MIDDLE",),
            "LastName": ("PRIMARY_NAME_LAST",),
            "FullName": ("PRIMARY_NAME_FULL",),
            "BusinessName": ("PRIMARY_NAME_ORG",),
            "BirthDate": ("DATE_OF_BIRTH",),
            "PhoneNumber": ("PHONE_NUMBER",),
            "EmailAddress": ("EMAIL_ADDRESS",),
            "Address1": ("ADDR_LINE1", "ADDR_FULL"),
            "City": ("ADDR_CITY",),
            "PostalCode": ("ADDR_POSTAL_CODE",),
            "Country": ("ADDR_COUNTRY",),
        },
        identifiers=(
            "PASSPORT_NUMBER",
            "DRIVERS_LICENSE_NUMBER",
            "SSN_NUMBER",
            "NATIONAL_ID_NUMBER",
            "TAX_ID_NUMBER",
            "LEI_NUMBER",
        ),
    )
    people = [entity[name]["CLUSTER_ID"] for name in names]
    return TRUTH_SET, table, np.unique(people, return_inverse=True)[1], mapping


def _generated(count: int, seed: int, duplicates: float | None = None) -> pa.Table:
    return pa.Table.from_pylist(list(records(count, seed, duplicates=duplicates)))


def shapes() -> Iterator[Labelled]:
    """Sets of shapes that the engine was not built on."""
    customers = _generated(10_000, seed=5)
    yield _labelled("no phones", _without(customers, *PHONES))
    yield _labelled("no birth dates", _without(customers, "BirthDate"))
    yield _labelled(
        "names and addresses only", _without(customers, *_CONTACT[3:], "BirthDate", "BusinessName")
    )
    yield _labelled("1 duplicate in 20", _generated(10_000, seed=6, duplicates=0.05))
    yield _labelled("no duplicates", _generated(10_000, seed=9, duplicates=0.0))
    yield _labelled("households only", _households(3000))
    yield _labelled("companies only", _companies(3000))


def _without(table: pa.Table, *columns: str) -> pa.Table:
    return table.drop_columns(list(columns))


def _households(count: int) -> pa.Table:
    """Records of homes with two people or more, all with the home's phone and address."""
    by_home: dict[str, list[Record]] = {}
    for record in records(8 * count, 21):
        if record["Address1"] and record["LastName"]:
            by_home.setdefault(f"{record['Address1']}{record['PostalCode']}".lower(), []).append(
                record
            )
    kept: list[Record] = []
    for place, home in enumerate(by_home.values()):
        if len({record["EntityId"] for record in home}) > 1:
            kept += [record | {"HomePhoneNumber": f"+1212{2_000_000 + place}"} for record in home]
    return pa.Table.from_pylist(kept[:count])


def _companies(count: int) -> pa.Table:
    """Companies, two records for every third, with branches that share a name."""
    random_ = random.Random(4)
    rows: list[Record] = []
    entity = 0
    while len(rows) < count:
        entity += 1
        name = f"{invented(random_)} {pick(random_, TRADES)}"
        domain = name.lower().replace(" ", "")
        for _ in range(1 + (random_.random() < 0.33)):
            record: Record = dict.fromkeys(COLUMNS)
            written = name if random_.random() < 0.9 else name.replace("a", "e", 1)
            record |= {
                "ProfileId": f"c{len(rows)}",
                "EntityId": entity,
                "BusinessName": f"{written} {pick(random_, LEGAL_FORMS)}",
                "BusinessPhoneNumber": f"+1303{2_000_000 + entity * 37 % 7_000_000}"
                if random_.random() < 0.7
                else None,
                "EmailAddress": f"{pick(random_, ('info', 'sales'))}@{domain}.com"
                if random_.random() < 0.5
                else None,
                "Address1": f"{1 + entity % 900} Main Street" if random_.random() < 0.6 else None,
                "PostalCode": f"{10_000 + entity % 80_000}" if random_.random() < 0.6 else None,
            }
            rows.append(record)
    return pa.Table.from_pylist(rows)


def hostile(size: int = 100_000) -> Iterator[tuple[str, pa.Table, ColumnMapping]]:
    """Data that want to make the engine slow, large or wrong."""
    random_ = random.Random(8)

    def table(
        name: str, count: int, row: Callable[[int], Record]
    ) -> tuple[str, pa.Table, ColumnMapping]:
        schema = pa.schema([(column, pa.string()) for column in COLUMNS if column != "EntityId"])
        rows = [dict.fromkeys(schema.names) | {"ProfileId": str(i)} | row(i) for i in range(count)]
        return (
            name,
            pa.Table.from_pylist(rows, schema),
            guess_mapping(schema.names, id_column="ProfileId"),
        )

    def person(number: int) -> Record:
        return {"FirstName": invented(random_), "LastName": invented(random_) + "qxz"[number % 3]}

    yield table("one phone for all", size, lambda i: person(i) | {"PhoneNumber": "+12125550123"})
    yield table("one e-mail for all", size, lambda i: person(i) | {"EmailAddress": "all@corp.io"})
    yield table(
        "one address for all",
        size,
        lambda i: person(i) | {"Address1": "1 Main St", "PostalCode": "10001"},
    )
    yield table(
        "10,000 identical",
        size // 10,
        lambda _: {"FirstName": "Ann", "LastName": "Lee", "EmailAddress": "ann@lee.io"},
    )
    yield table("empty", size // 10, lambda _: {})
    yield table(
        "one-character names",
        size // 10,
        lambda i: {"FirstName": "abcdefghij"[i % 10], "LastName": "klmno"[i % 5]},
    )
    odd = (
        "😀",
        "👨‍👩‍👧‍👦 Smith",
        "محمد",
        "שלום",
        "\u202eevil",
        "a\u0301" * 50,
        "Z̷a̷l̷g̷o̷",
        "'; drop table x; --",
        "%_%",
        "\t\n",
        "null",
    )
    yield table(
        "odd names",
        size // 10,
        lambda i: {
            "FirstName": odd[i % len(odd)],
            "LastName": odd[i * 7 % 11],
            "BirthDate": odd[i % 5],
            "PhoneNumber": odd[i % 3],
        },
    )
    yield table(
        "long values",
        size // 100,
        lambda i: {
            "FirstName": "x" * 10_000,
            "LastName": f"{i} " * 2000,
            "EmailAddress": f"{'m' * 5000}{i}@x.io",
        },
    )
    yield table("none at all", 0, lambda _: {})
    yield table("one record", 1, person)
