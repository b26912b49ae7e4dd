"""`openprofiles match`: find who is who in files, without a service or a database."""

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from cyclopts import Parameter
from rich.console import Console

from openprofiles import resolution
from openprofiles.cli.errors import Refused
from openprofiles.cli.saying import console, refuse

_ID_COLUMNS = ("profileid", "id", "uniqueid", "recordid", "recid")
_REFUSALS = (
    Refused,
    resolution.EngineUnavailable,
    resolution.FolderInUse,
    resolution.MappingError,
    resolution.UnknownModel,
    resolution.UnknownRecord,
    OSError,
    pa.ArrowException,
)

_Charts = Annotated[
    Path | None, Parameter(help="Folder for pictures of the model and the scores (Vega-Lite).")
]
_Pair = Annotated[
    tuple[str, str] | None, Parameter(help="Two ids: say why they are, or are not, one person.")
]
_Explanations = Annotated[
    Path | None,
    Parameter(help="JSON Lines file: for each group the links that hold it together, and why."),
]
_Keep = Annotated[
    Path | None,
    Parameter(
        help="Parquet file for the normalised values: matched faster when it is given again."
    ),
]

_Again = Annotated[
    Path | None,
    Parameter(
        help="Folder in which a run on normalised values leaves what the next one builds on, which"
        " then takes less time and finds the same; remove it to learn anew."
    ),
]


def match(
    files: Annotated[list[Path], Parameter(help="CSV or Parquet files of records.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="Parquet file for the groups: id, group, confidence.")],
    id: Annotated[str | None, Parameter(help="The column that names a record.")] = None,
    map: Annotated[
        list[str] | None,
        Parameter(help="FirstName=given_name; several columns as Address1=number+street."),
    ] = None,
    identifier: Annotated[
        list[str] | None, Parameter(help="A column whose equal values speak for one person.")
    ] = None,
    guard: Annotated[
        list[str] | None,
        Parameter(help="An identifier of which a person has one: other values never merge."),
    ] = None,
    country: Annotated[
        str, Parameter(help="How phone numbers without a country are dialled.")
    ] = "US",
    pairs: Annotated[Path | None, Parameter(help="Parquet file for the scored pairs.")] = None,
    model: Annotated[Path | None, Parameter(help="JSON file for what was learned.")] = None,
    use_model: Annotated[Path | None, Parameter(help="A model to use instead of learning.")] = None,
    charts: _Charts = None,
    explain: _Pair = None,
    explanations: _Explanations = None,
    keep: _Keep = None,
    again: _Again = None,
    engine: Annotated[
        resolution.EngineName, Parameter(help="What does it: this process, or a Spark cluster.")
    ] = "duckdb",
    spark_master: Annotated[
        str, Parameter(help="The Spark cluster: spark://host:7077, yarn, …")
    ] = "local[*]",
    threads: Annotated[
        int | None, Parameter(help="Threads of DuckDB; all of the machine's.")
    ] = None,
    memory: Annotated[str, Parameter(help="From when on DuckDB uses the disk.")] = "4GB",
) -> int:
    """Group the records of files that belong to one person or company.

    Columns that are called like profile fields, or the like, are found; say the others with --map.
    """
    try:
        source, mapping = _read(files, id, identifier or [], map or [], guard or [], country)
        learned = _learned(use_model, again, engine)
        with console.status("Matching"), _opened(engine, threads, memory, spark_master) as opened:
            source, mapping = _keep(source, mapping, opened, keep)
            found = resolution.resolve(source, mapping, opened, model=learned, folder=again)
            why = explain and resolution.explain_pair(source, mapping, opened, found.model, explain)
            if explanations:
                _explain(explanations, resolution.explain_groups(source, mapping, opened, found))
    except _REFUSALS as error:
        return refuse(error if isinstance(error, Refused) else Refused(str(error)))
    _write(found, out, pairs, model)
    _say(found, why, charts)
    return 0


def _opened(
    name: resolution.EngineName, threads: int | None, memory: str, spark_master: str
) -> AbstractContextManager[resolution.Engine]:
    return resolution.open_engine(
        name,
        threads=threads or os.cpu_count() or 1,
        memory_limit=memory,
        spark_master=spark_master,
    )


def _keep(
    source: pa.Table | Path,
    mapping: resolution.ColumnMapping,
    engine: resolution.Engine,
    path: Path | None,
) -> tuple[pa.Table | Path, resolution.ColumnMapping]:
    """Normalise the records and write them to `path`, if one is given, to go on with them."""
    if path is None:
        return source, mapping
    if path.suffix != ".parquet":
        raise Refused("The file of --keep has to be called .parquet")
    values = resolution.kept.normalise(source, mapping, engine)
    resolution.kept.write(values, path)
    return path, resolution.kept.mapping_after(mapping)


def _learned(
    path: Path | None, again: Path | None, engine: resolution.EngineName
) -> resolution.Model | None:
    """The model that is given, or else that of the run to build on; None to learn one."""
    if again and engine != "duckdb":
        raise Refused("--again takes the engine duckdb")
    if path is None:
        return resolution.last_model(again) if again else None
    return resolution.Model.from_json(path.read_text("utf-8"))


def _write(found: resolution.Resolution, out: Path, pairs: Path | None, model: Path | None) -> None:
    pq.write_table(found.groups, out)
    if pairs:
        pq.write_table(found.pairs, pairs)
    if model:
        model.write_text(found.model.to_json(), "utf-8")


def _explain(path: Path, groups: Iterable[resolution.ExplainedGroup]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for group in groups:
            links = [
                {"LeftId": link.left_id, "RightId": link.right_id, **link.explanation.as_json()}
                for link in group.links
            ]
            line = {"Group": group.group, "Ids": group.ids, "Links": links}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _say(
    found: resolution.Resolution, why: resolution.Explanation | None, charts: Path | None
) -> None:
    """Say what was found in words, and draw it when a folder is given."""
    if charts:
        _draw(charts, found, why)
    persons = len(set(found.groups["group"].to_pylist()))
    Console(highlight=False).print(
        f"{found.model.records:,} records, {found.groups.num_rows:,} of them in {persons:,} groups",
        soft_wrap=True,
    )
    if why:
        Console(highlight=False).print(why.as_text(), soft_wrap=True, markup=False)


def _draw(folder: Path, found: resolution.Resolution, why: resolution.Explanation | None) -> None:
    """Write the pictures, each to a file of its own."""
    pictures = {
        "weights": resolution.charts.level_weights(found.model),
        "scores": resolution.charts.score_histogram(found.scores),
        "precision": resolution.charts.expected_precision(found.scores),
    }
    if why:
        pictures["pair"] = resolution.charts.pair_evidence(why)
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (folder / f"{name}.vl.json").write_text(json.dumps(picture, indent=1), "utf-8")


def _read(
    files: Sequence[Path],
    id_column: str | None,
    identifiers: Sequence[str],
    maps: Sequence[str],
    guards: Sequence[str],
    country: str,
) -> tuple[pa.Table | Path, resolution.ColumnMapping]:
    """The records and their mapping; one Parquet file stays where it is."""
    one = len(files) == 1 and files[0].suffix == ".parquet"
    tables = [] if one else [_table(path) for path in files]
    names = (
        pq.read_schema(files[0]).names
        if one
        else sorted({n for t in tables for n in t.column_names})
    )
    if one and (kept := resolution.kept.mapping_for(names, frozenset(guards))):
        return files[0], kept
    given = dict(_parsed(entry) for entry in maps)
    key = id_column or _id_column(names)
    guessed = resolution.guess_mapping(names, id_column=key, country=country)
    taken = {column for columns in given.values() for column in columns} | set(identifiers)
    fields = {
        field: columns for field, columns in guessed.fields.items() if not taken & set(columns)
    } | given
    mapping = resolution.ColumnMapping(
        id=key,
        fields=fields,
        identifiers=tuple(dict.fromkeys((*guessed.identifiers, *identifiers))),
        guarded=frozenset(guards),
        country=country,
    )
    return (files[0] if one else pa.concat_tables(tables, promote_options="default")), mapping


def _table(path: Path) -> pa.Table:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
    else:
        with path.open("rb") as file:
            header = file.readline().decode("utf-8-sig", "replace")
        names = [name.strip().strip('"') for name in header.rstrip("\r\n").split(",")]
        types = dict.fromkeys(names, pa.string())
        table = pc.read_csv(path, convert_options=pc.ConvertOptions(column_types=types))
    names = [name.strip() for name in table.column_names]
    return pa.table([column.cast(pa.string()) for column in table.columns], names=names)


def _id_column(names: Sequence[str]) -> str:
    for wanted in _ID_COLUMNS:
        for name in names:
            if "".join(character for character in name.lower() if character.isalnum()) == wanted:
                return name
    raise Refused("Say which column names a record: --id")


def _parsed(entry: str) -> tuple[str, tuple[str, ...]]:
    field, equals, columns = entry.partition("=")
    if not equals or not columns:
        raise Refused("A mapping looks like FirstName=given_name")
    return field.strip(), tuple(column.strip() for column in columns.split("+"))
