"""The holders of a value say of it what a whole run says."""

import pytest

from openprofiles.resolution import features_of, findings, resolve
from openprofiles.resolution.features import CROWD, HOUSEHOLD, OFFICE, PERSONAL, ROLE
from openprofiles.resolution.holders import email_kinds, phone_kinds
from tests.resolution.conftest import mapping_of, people


def _records(table, mapping, known):
    fields = {name: columns[0] for name, columns in mapping.fields.items()}
    return [
        features_of({name: row[column] for name, column in fields.items()}, known)
        for row in table.to_pylist()
    ]


def test_kinds_are_those_of_a_run(customers, duckdb_engine):
    mapping = mapping_of(customers)
    resolve(customers, mapping, duckdb_engine)
    known = findings(duckdb_engine)
    records = _records(customers, mapping, known)

    phones = {number: kind for number, kind in phone_kinds(records, records).items() if kind}
    emails = {address: kind for address, kind in email_kinds(records, records).items() if kind}

    assert len(phones) > 100
    assert phones == known.phone_kinds
    assert len(emails) > 100
    assert emails == known.email_kinds


@pytest.mark.parametrize(
    ("holders", "kind"),
    [
        ([("Ann", "Smith")], PERSONAL),
        ([("Ann", "Smith"), ("Bob", "Smith")], HOUSEHOLD),
        ([("Ann", "Smith"), ("Bob", "Jones"), ("Cid", "Brown")], OFFICE),
        (
            [(name, "Smith") for name in ("Anna", "Hugo", "Ivan", "Karl", "Olga", "Paul", "Vera")],
            CROWD,
        ),
        ([("Ann", "Smith")] * 41, PERSONAL),
        ([("Ann", "Smith"), ("Amy", "Snow")] * 21, PERSONAL),
        ([("Ann", "Smith"), ("Amy", "Brown")] * 21, CROWD),
    ],
)
def test_a_phone_is_whose_its_holders_are(duckdb_engine, holders, kind):
    table = people(
        *(
            {"FirstName": first, "LastName": last, "PhoneNumber": "212-555-0142"}
            for first, last in holders
        )
    )
    mapping = mapping_of(table)
    resolve(table, mapping, duckdb_engine)
    known = findings(duckdb_engine)
    records = _records(table, mapping, known)

    [found] = phone_kinds(records, records).values()

    assert found == kind
    assert known.phone_kind(12125550142) == kind


def test_findings_and_holders_together_take_the_less_personal_kind(duckdb_engine):
    table = people(
        *(
            {"FirstName": first, "LastName": "Smith", "PhoneNumber": "212-555-0142"}
            for first in ("Ann", "Bob")
        ),
        {"FirstName": "Cid", "LastName": "Jones", "EmailAddress": "info@jones.test"},
    )
    mapping = mapping_of(table)
    resolve(table, mapping, duckdb_engine)
    known = findings(duckdb_engine)
    ann, _, cid = _records(table, mapping, known)

    together = known.with_holders([ann, cid], [ann, cid])

    assert together.phone_kind(12125550142) == HOUSEHOLD
    assert together.email_kind("info@jones.test") == ROLE


def test_values_that_nobody_asked_about_are_left_out(duckdb_engine):
    table = people(
        {"FirstName": "Ann", "LastName": "Smith", "PhoneNumber": "212-555-0142"},
        {"FirstName": "Bob", "LastName": "Jones", "PhoneNumber": "212-555-0143"}
        | {"EmailAddress": "bob@jones.test"},
    )
    mapping = mapping_of(table)
    resolve(table, mapping, duckdb_engine)
    ann, bob = _records(table, mapping, findings(duckdb_engine))

    assert phone_kinds([ann], [ann, bob]) == {12125550142: PERSONAL}
    assert email_kinds([ann], [ann, bob]) == {}
