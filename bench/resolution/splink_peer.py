"""Run Splink on one Parquet file, by the Python of its own environment: `splink_peer.py FILE
MAPPING.json OUT.parquet`. Prints seconds and gigabytes as JSON.

One configuration for all files, after its documentation: names with term frequencies, birth date,
e-mail, phone, address, postal code, company, identifiers; the model is trained on each
file without labels.
"""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

CUT_OFF = 0.9
PAIRS_FROM = 0.01
THREADS = 2
# The first that is there: with all in a list, for which there are no term frequencies, Splink takes
# the phones of families and companies for proof and does worse.
PHONES = ("MobilePhoneNumber", "PhoneNumber", "HomePhoneNumber", "BusinessPhoneNumber")
EMAILS = ("PersonalEmailAddress", "EmailAddress", "BusinessEmailAddress")


def main() -> None:
    """Read the arguments, run, write groups and pairs."""
    path, mapping_path, out = (Path(argument) for argument in sys.argv[1:])
    mapping = json.loads(mapping_path.read_text("utf-8"))
    started = time.perf_counter()
    groups, pairs = resolve(path, mapping)
    seconds = time.perf_counter() - started
    pq.write_table(groups, out)
    pq.write_table(pairs, out.with_suffix(".pairs.parquet"))
    # Kibibytes at most, of which the run is all but a tenth of a gigabyte.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "gigabytes": peak * 1024 / 1e9}))


def resolve(path: Path, mapping: dict) -> tuple[pa.Table, pa.Table]:
    """Groups (id, group) and scored pairs (left_id, right_id, confidence)."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {THREADS}")
    connection.execute(f"create table records as {_standardised(path, mapping)}")
    present = {
        column
        for (column,) in connection.execute("select column_name from (describe records)").fetchall()
        if connection.execute(f"select count({column}) from records").fetchone()[0]
    }
    database = DuckDBAPI(connection)
    frame = database.register("records", dataset_display_name="input_records")
    linker = Linker(frame, _settings(present), log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match(_certain_rules(present), recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for rule in _training_rules(present):
        training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=PAIRS_FROM)
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=CUT_OFF
    )
    groups = connection.sql(
        f'select unique_id as id, cluster_id as "group" from {clustered.physical_name}'
    ).to_arrow_table()
    pairs = connection.sql(
        "select unique_id_l as left_id, unique_id_r as right_id, match_probability as confidence"
        f" from {predicted.physical_name}"
    ).to_arrow_table()
    return groups, pairs


def _standardised(path: Path, mapping: dict) -> str:
    """The clean-up that the documentation asks for: case, blanks, digits; empty texts are null."""
    fields, identifiers = mapping["fields"], mapping["identifiers"]

    def text(field: str) -> str:
        names = fields.get(field, [])
        if not names:
            return "null::varchar"
        joined = ", ".join(f"nullif(trim(\"{name}\"::varchar), '')" for name in names)
        return f"nullif(lower(concat_ws(' ', {joined})), '')"

    digits = ", ".join(
        f"nullif(right(regexp_replace({text(field)}, '[^0-9]', '', 'g'), 10), '')"
        for field in PHONES
    )
    mails = ", ".join(text(field) for field in EMAILS)
    date = f"replace(replace({text('BirthDate')}, '-', ''), '/', '')"
    iso = (
        f"case when {text('BirthDate')} like '__/__/____' then"
        f" right({date}, 4) || '-' || left({date}, 2) || '-' || substring({date}, 3, 2)"
        f" when length({date}) = 8 then"
        f" left({date}, 4) || '-' || substring({date}, 5, 2) || '-' || right({date}, 2) end"
    )
    numbers = "".join(
        f", nullif(trim(\"{name}\"::varchar), '') as identifier_{slot}"
        for slot, name in enumerate(identifiers)
    )
    return f"""
select "{mapping["id"]}"::varchar as unique_id, {text("FirstName")} as first_name,
  {text("LastName")} as surname, {iso} as dob, coalesce({mails}) as email,
  coalesce({digits}) as phone,
  {text("Address1")} as address, left({text("PostalCode")}, 5) as postcode,
  {text("City")} as city, {text("BusinessName")} as business{numbers}
from read_parquet('{path}')"""


def _settings(present: set[str]) -> SettingsCreator:
    exact = {"term_frequency_adjustments": True}
    known = {
        "first_name": cl.NameComparison("first_name").configure(**exact),
        "surname": cl.NameComparison("surname").configure(**exact),
        "dob": cl.DateOfBirthComparison("dob", input_is_string=True),
        "email": cl.EmailComparison("email").configure(**exact),
        "phone": cl.LevenshteinAtThresholds("phone", 1).configure(**exact),
        "address": cl.JaroWinklerAtThresholds("address", [0.9]).configure(**exact),
        "postcode": cl.LevenshteinAtThresholds("postcode", 1).configure(**exact),
        "business": cl.JaroWinklerAtThresholds("business", [0.9]).configure(**exact),
    }
    if "postcode" not in present:
        known["city"] = cl.JaroWinklerAtThresholds("city", [0.9]).configure(**exact)
    comparisons = [comparison for column, comparison in known.items() if column in present]
    comparisons += [
        cl.LevenshteinAtThresholds(column, 1)
        for column in sorted(present)
        if column.startswith("identifier_")
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=_rules(present),
        retain_matching_columns=False,
    )


def _rules(present: set[str]) -> list:
    wanted = [
        ("first_name", "surname", "dob"),
        ("email",),
        ("phone",),
        ("first_name", "surname", "postcode"),
        ("first_name", "surname", "business"),
        ("surname", "dob"),
        ("first_name", "dob"),
        ("dob", "postcode"),
        ("address", "postcode"),
        *((column,) for column in sorted(present) if column.startswith("identifier_")),
    ]
    return [block_on(*columns) for columns in wanted if set(columns) <= present]


def _certain_rules(present: set[str]) -> list:
    """Rules that hardly find anybody else, to estimate how many matches there are."""
    others = ("dob", "email", "postcode", "phone")
    wanted = [("first_name", "surname", other) for other in others]
    return [block_on(*columns) for columns in wanted if set(columns) <= present]


def _training_rules(present: set[str]) -> list:
    wanted = [("email",), ("surname", "dob"), ("first_name", "surname", "postcode")]
    return [block_on(*columns) for columns in wanted if set(columns) <= present]


if __name__ == "__main__":
    main()
