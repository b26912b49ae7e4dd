"""Who is who is found without labels, at one fixed cut-off, and nothing merges on junk."""

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from openprofiles.resolution import (
    ColumnMapping,
    DuckDBEngine,
    MappingError,
    Model,
    UnknownModel,
    resolve,
)
from openprofiles.resolution.fields import EMAILS, PHONES
from tests.resolution.conftest import mapping_of, people, run, score, together

ANN = {
    "FirstName": "Ann",
    "LastName": "Kowalczyk",
    "PhoneNumber": "+12125550123",
    "EmailAddress": "annk77@mail.io",
    "BirthDate": "1980-04-17",
}


def _among(customers: pa.Table, *rows: dict[str, str]) -> pa.Table:
    """`rows`, named a, b, c and so on, among the customers."""
    return pa.concat_tables(
        [customers.drop_columns(["EntityId"]), people(*rows)], promote_options="default"
    )


def test_customers_are_found(customers, duckdb_engine, bench):
    found = run(customers, duckdb_engine)

    pair_f1, b_cubed = score(bench, found, customers)
    assert pair_f1 > 0.92
    assert b_cubed > 0.96


def test_confidence_is_honest(customers, bench):
    accuracy = bench("measure").measure(
        customers.drop_columns(["EntityId"]),
        customers["EntityId"].to_numpy(),
        mapping_of(customers),
    )

    assert accuracy.sure_right > 0.99
    assert accuracy.calibration_error < 0.05


@pytest.mark.parametrize(
    "missing",
    [PHONES, ("BirthDate",), ("BirthDate", "Address1", "City", "PostalCode", "BusinessName")],
)
def test_sets_without_a_field_are_found_too(customers, duckdb_engine, bench, missing):
    found = run(customers.drop_columns(list(missing)), duckdb_engine)

    assert score(bench, found, customers)[0] > 0.85


def test_two_runs_find_the_same(customers, duckdb_engine):
    first = run(customers, duckdb_engine)

    again = run(customers, duckdb_engine)

    assert again.groups.equals(first.groups)
    assert again.pairs.equals(first.pairs)
    assert again.model.version == first.model.version


def test_files_give_what_tables_give(customers, duckdb_engine, tmp_path):
    parquet, csv = tmp_path / "c's.parquet", tmp_path / "c.csv"
    pq.write_table(customers, parquet)
    pc.write_csv(customers, csv)
    mapping = mapping_of(customers)

    found = [
        together(resolve(source, mapping, duckdb_engine)) for source in (customers, parquet, csv)
    ]

    assert found[0] == found[1] == found[2]


def test_a_model_serves_again(customers, duckdb_engine):
    first = run(customers, duckdb_engine)

    again = run(customers, duckdb_engine, model=Model.from_json(first.model.to_json()))

    assert together(again) == together(first)


def test_a_higher_cut_off_joins_less(customers, duckdb_engine):
    usual, careful = (run(customers, duckdb_engine, cut_off=cut_off) for cut_off in (0.5, 0.99))

    assert careful.groups.num_rows < usual.groups.num_rows


def test_nicknames_slips_and_other_scripts_meet(customers, duckdb_engine):
    table = _among(
        customers,
        ANN,
        ANN | {"FirstName": "annie", "PhoneNumber": "(212) 555-0123", "BirthDate": "04/17/1980"},
        {"FirstName": "KOWALCZYK", "LastName": "ANN", "EmailAddress": "AnnK77+x@mail.io"},
        {"FirstName": "Иван", "LastName": "Петровский", "BirthDate": "1955-02-03"},
        {"FirstName": "Ivan", "LastName": "Petrovskii", "BirthDate": "1955-02-03"},
    )

    groups = together(run(table, duckdb_engine))

    assert frozenset("abc") in groups
    assert frozenset("de") in groups


def test_parent_and_child_of_one_name_stay_two(customers, duckdb_engine):
    home = {"Address1": "7 Elm Street", "PostalCode": "10001", "HomePhoneNumber": "+12125550199"}
    parent = ANN | home | {"PhoneNumber": "+12125557001"}
    child = (
        ANN
        | home
        | {"BirthDate": "2006-11-01", "EmailAddress": "kow06@web.io", "PhoneNumber": "+12125557002"}
    )
    table = _among(customers, parent, parent | {"Address1": "7 Elm St"}, child, child)

    groups = together(run(table, duckdb_engine))

    assert {group for group in groups if group & set("abcd")} == {frozenset("ab"), frozenset("cd")}


def test_sixty_equal_records_are_one_person(customers, duckdb_engine):
    rows = people(*[ANN] * 20)
    copies = pa.concat_tables(
        [
            rows.set_column(
                0,
                "ProfileId",
                pa.array([f"{name}{batch}" for name in rows["ProfileId"].to_pylist()]),
            )
            for batch in range(3)
        ]
    )
    table = pa.concat_tables(
        [customers.drop_columns(["EntityId"]), copies], promote_options="default"
    )

    groups = together(run(table, duckdb_engine))

    assert any(set(copies["ProfileId"].to_pylist()) <= group for group in groups)


@pytest.mark.parametrize(("last_digits", "copies"), [(["7000"] * 20, 19), (range(7000, 7020), 0)])
def test_records_that_differ_in_a_third_phone_are_no_copies(
    customers, duckdb_engine, last_digits, copies
):
    two = ANN | {PHONES[1]: "+12125550124"}
    table = _among(customers, *(two | {PHONES[2]: f"+1212555{four}"} for four in last_digits))

    run(table, duckdb_engine)

    assert len(duckdb_engine.fetch("select l, r from copies")["r"]) == copies


def test_guarded_values_never_merge(customers, duckdb_engine):
    table = _among(
        customers, *({**ANN, "Passport": number} for number in ("P100", "P-100", "P200", ""))
    )
    mapping = mapping_of(table)
    guarded = ColumnMapping(
        id="ProfileId",
        fields=mapping.fields,
        identifiers=("Passport",),
        guarded=frozenset({"Passport"}),
    )

    groups = [
        group for group in together(resolve(table, guarded, duckdb_engine)) if group & set("abcd")
    ]

    assert not any({"a", "c"} <= group or {"b", "c"} <= group for group in groups)
    assert any({"a", "b"} <= group for group in groups)


def test_who_was_found_to_be_two_stays_two(customers, duckdb_engine):
    table = _among(customers, ANN, ANN, ANN | {"FirstName": "Annie"})

    usual = together(run(table, duckdb_engine))
    told = together(run(table, duckdb_engine, apart=[("a", "b"), ("nobody", "c")]))

    assert frozenset("abc") in usual
    assert not any({"a", "b"} <= group for group in told)
    assert any("c" in group for group in told)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_tiny_tables_are_fine(duckdb_engine, count):
    found = run(people(*[ANN] * count) if count else people(ANN).slice(1), duckdb_engine)

    assert found.model.records == count
    assert found.groups.num_rows in {0, 2}


def test_one_value_for_all_joins_nobody(duckdb_engine, bench):
    names = bench("names")
    draw = bench("generate").random.Random(1)
    rows = [
        {
            "FirstName": names.invented(draw),
            "LastName": names.invented(draw),
            "PhoneNumber": "212-555-0123",
        }
        for _ in range(3000)
    ]
    table = pa.table(
        {"ProfileId": [str(place) for place in range(3000)]}
        | {name: [row[name] for row in rows] for name in rows[0]}
    )

    found = run(table, duckdb_engine)

    assert found.groups.num_rows < 10


def test_hostile_values_join_nobody(duckdb_engine, bench):
    for name, table, mapping in bench("sets").hostile(2000):
        if name != "10,000 identical":
            assert resolve(table, mapping, duckdb_engine).groups.num_rows < 20, name


def test_mappings_that_cannot_work_are_refused(engine):
    table = people(ANN)

    with pytest.raises(MappingError, match="no such column: Nom"):
        resolve(table, ColumnMapping(id="ProfileId", fields={"FirstName": ("Nom",)}), engine)
    with pytest.raises(MappingError, match="no such profile field: Nom"):
        ColumnMapping(id="ProfileId", fields={"Nom": ("FirstName",)})
    with pytest.raises(MappingError, match="guarded"):
        ColumnMapping(id="ProfileId", fields={}, guarded=frozenset({"Passport"}))
    with pytest.raises(MappingError, match="at most"):
        ColumnMapping(id="ProfileId", fields={}, identifiers=tuple("abcdefghi"))


def test_several_columns_make_one_field(duckdb_engine):
    table = pa.table(
        {
            "ProfileId": ["a", "b"],
            "number": ["12", "12"],
            "street name": ["Elm Street", "Elm St"],
            "mail": ["x7@y.io", "x7@y.io"],
        }
    )
    mapping = ColumnMapping(
        id="ProfileId",
        fields={"Address1": ("number", "street name"), EMAILS[0]: ("mail",)},
        country="GB",
    )

    resolve(table, mapping, duckdb_engine)

    assert duckdb_engine.table("select distinct house, street from features").to_pylist() == [
        {"house": "12 ", "street": "elm"}
    ]


def test_columns_with_usual_names_are_found():
    table = pa.table(
        {
            name: [""]
            for name in (
                "ProfileId",
                "given_name",
                "Last Name",
                "E-Mail",
                "zip",
                "AccountNumber",
                "shoe",
            )
        }
    )

    mapping = mapping_of(table)

    assert mapping.fields == {
        "FirstName": ("given_name",),
        "LastName": ("Last Name",),
        "EmailAddress": ("E-Mail",),
        "PostalCode": ("zip",),
    }
    assert mapping.identifiers == ("AccountNumber",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id,name", "is not JSON"),
        ("[]", "another format"),
        ('{"format": 0}', "another format"),
        ('{"format": 1, "records": 1, "sizes": {}, "shares": {}}', "lacks 'same'"),
        ('{"format": 1, "records": 1, "sizes": {"same": "x"}, "shares": {}}', "a number"),
        ('{"format": 1, "records": 1, "sizes": [], "shares": {}}', "a number"),
    ],
)
def test_a_strange_model_is_refused(text, reason):
    with pytest.raises(UnknownModel, match=reason):
        Model.from_json(text)


def test_without_debug_only_results_are_kept(customers):
    with DuckDBEngine(threads=1) as engine:
        run(customers, engine)
        left = engine.table("select table_name from duckdb_tables()")["table_name"].to_pylist()

    assert not {"block_phone", "cleaned", "pairs", "scores"} & set(left)
