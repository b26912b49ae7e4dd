"""Values that were normalised when they were written give what raw ones give, to the last digit."""

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from openprofiles.resolution import kept, normalised, resolve, value_table
from tests.resolution.conftest import guarded, people

ODD = people(
    {"FirstName": "Анна", "LastName": "O'Neil-Жук", "PhoneNumber": "+44 20 7946 0958"},
    {"FirstName": "Ann B.", "LastName": 'Kay "Jr."', "EmailAddress": "<a@b.c>;\\drop"},
    {"BusinessName": "Acme & Sons, Inc.", "PhoneNumber": "212 555 0123", "City": "\x00😀"},
    {"FirstName": "N/A", "BirthDate": "1980", "Address1": "12 Main St, Apt 4, 94105"},
    {},
)


@pytest.fixture
def records(customers) -> pa.Table:
    """Customers with a passport each third, and odd records among them."""
    table = pa.concat_tables([customers.drop_columns(["EntityId"]), ODD], promote_options="default")
    passports = [f"p-{place % 50}" if place % 3 == 0 else None for place in range(len(table))]
    return table.append_column("Passport", pa.array(passports, pa.string()))


def test_groups_scores_and_model_are_those_from_raw_columns(records, duckdb_engine, tmp_path):
    mapping, path = guarded(records), tmp_path / "kept.parquet"
    wanted = resolve(records, mapping, duckdb_engine)
    values = value_table(duckdb_engine)

    kept.write(kept.normalise(records, mapping, duckdb_engine), path)
    found = resolve(path, kept.mapping_after(mapping), duckdb_engine)

    assert found.groups.num_rows > 1000
    assert found.groups.equals(wanted.groups)
    assert found.pairs.equals(wanted.pairs)
    assert found.scores.equals(wanted.scores)
    assert found.model.version == wanted.model.version
    assert sorted(map(str, value_table(duckdb_engine).to_pylist())) == sorted(
        map(str, values.to_pylist())
    )


def test_what_is_kept_one_by_one_is_what_a_run_makes_of_all(records, duckdb_engine):
    mapping = guarded(records)
    features = [
        normalised(
            {name: row[column] for name, (column,) in mapping.fields.items()},
            identifiers=[row["Passport"]],
        )
        for row in records.to_pylist()
    ]

    table = kept.normalise(records, mapping, duckdb_engine)

    texts = [msgspec.json.encode(record).decode() for record in features]
    columns = kept.as_columns(pa.table({"id": records["ProfileId"], "features": texts}), 1)
    assert columns.to_pylist() == table.select(columns.column_names).to_pylist()
    by_row = [kept.features_of(row, kept.mapping_after(mapping)) for row in columns.to_pylist()]
    assert by_row == features


def test_what_is_kept_of_many_can_be_read_by_several_processors(tmp_path):
    columns = {name: pa.nulls(250_000) for name in kept.schema(0).names}
    table = pa.table(columns).cast(kept.schema(0))

    kept.write(table, tmp_path / "kept.parquet")

    file = pq.ParquetFile(tmp_path / "kept.parquet")
    assert file.num_row_groups == 3
    assert file.read().equals(table)
