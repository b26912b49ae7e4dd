"""The statements of a put as pgbench scripts.

What differs between two recordings of the same kind of put (keys, ids, hashes) becomes an
expression over pgbench's variables: `:c` is the customer, `:v` the visit. So each transaction
writes rows like those of the service, for a customer and a visit of its own.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer

from bench import workload
from bench.recording import Statement, Steps

_PLACEHOLDER = re.compile(r"%(?:s|\((\w+)\)s|%)")
_TOKEN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{32}|-?\d{9,19}"
)
_NUMBERS = re.compile(r"\{?-?\d+(?:,-?\d+)*\}?")
"""A parameter of nothing but numbers: sizes, which are the same each time, or locks, which are
hashes.
"""
_NUMBER = re.compile(r"-?\d+")
_SMALL = 2**31

NEW = r"\set c :base + :client_id * 100000 + :i"
KNOWN = rf"\set c random({workload.KNOWN}, {workload.KNOWN - 1} + :known)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The steps of one put, and what is known of them."""

    steps: Steps
    customer: int
    visit: int
    profile_id: str


def script_of(
    connection: psycopg.Connection[Any], first: Recording, second: Recording, *, customer: str
) -> str:
    """A pgbench script that does what `first` did; `second`, of the same kind, tells what varies.

    `customer` is the line that chooses one, NEW or KNOWN.
    """
    expressions = _Expressions(first)
    lines = [
        r"\set i :i + 1",
        r"\set v 100000000000 + :base + :client_id * 100000 + :i",
        customer,
        r"\startpipeline",
        "begin;",
    ]
    for step, other in zip(first.steps, second.steps, strict=True):
        for statement, like in zip(step, other, strict=True):
            lines.append(_as_sql(connection, statement, like, expressions))
        # The service waits for answers before it goes on.
        lines += [r"\endpipeline", r"\startpipeline"]
    lines[-2:] = ["commit;", r"\endpipeline", ""]
    return "\n".join(lines)


@dataclass(slots=True)
class _Expressions:
    """For each text that varies an expression, the same wherever it stands."""

    recording: Recording
    _found: dict[str, str] = field(default_factory=dict)
    _unique_keys: list[str] = field(default_factory=list)

    def of(self, token: str) -> str | None:
        """The expression in place of `token`; None when it may stay as it is."""
        plain = token.replace("-", "") if "-" in token[1:] else token
        if plain not in self._found:
            expression = self._make(plain)
            if expression is None:
                return None
            self._found[plain] = expression
        return self._found[plain]

    def of_lock(self, number: str) -> str:
        """The expression in place of a hash."""
        if number not in self._found:
            salted = f"(:v)::text || '{len(self._found)}'"
            is_small = -_SMALL <= int(number) < _SMALL
            hashed = f"hashtext({salted})" if is_small else f"hashtextextended({salted}, 0)"
            self._found[number] = f"{hashed}::text"
        return self._found[number]

    def _make(self, plain: str) -> str | None:
        customer, salt = str(self.recording.customer), f"'{len(self._found)}'"
        if plain == str(self.recording.visit):
            return "(:v)::text"
        if plain.endswith(customer):
            return f"'{plain.removesuffix(customer)}' || (:c)::text"
        if plain.lstrip("-").isdecimal() and len(plain) < 20:
            # A moment in seconds.
            return None
        if plain == self.recording.profile_id:
            return PROFILE_ID.format(customer="(:c)::text")
        return self._make_id(plain, salt)

    def _make_id(self, plain: str, salt: str) -> str:
        if len(plain) == 64:
            self._unique_keys.append(plain)
            return f"md5((:v)::text) || md5((:v)::text || {salt})"
        if any(key.startswith(plain) for key in self._unique_keys):
            return "md5((:v)::text)"
        if plain[12] == "7":
            # Ordered by time, as the service's are: they are inserted at one end of an index.
            moment = "lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0')"
            return f"{moment} || '7' || left(md5((:v)::text || {salt}), 19)"
        return f"md5((:v)::text || {salt})"


PROFILE_ID = (
    "(lpad(to_hex(({customer})::bigint), 12, '0') || '7' || left(md5('profile' || {customer}), 19))"
)
"""The id of a customer's profile in the domain that pgbench writes in: new ones sort last, as the
service's do.
"""


def _as_sql(
    connection: psycopg.Connection[Any],
    statement: Statement,
    like: Statement,
    expressions: _Expressions,
) -> str:
    positions = itertools.count(1)
    names: dict[str, None] = {}

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        name = found[1] or str(next(positions))
        names.setdefault(name)
        return f"${list(names).index(name) + 1}"

    query = _PLACEHOLDER.sub(number, statement.query)
    texts, types = _describe(connection, query, _in_order(statement.parameters, names))
    others, _ = _describe(connection, query, _in_order(like.parameters, names))
    values = [
        "null" if text is None else f"({_value(text, other or '', expressions)})::{kind}"
        for text, other, kind in zip(texts, others, types, strict=True)
    ]
    sql = re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], query)
    return " ".join(sql.split("\n")) + ";"


def _in_order(
    parameters: Sequence[Any] | Mapping[str, Any], names: Mapping[str, None]
) -> list[Any]:
    if isinstance(parameters, Mapping):
        return [parameters[name] for name in names]
    return list(parameters)


def _describe(
    connection: psycopg.Connection[Any], query: str, parameters: Sequence[Any]
) -> tuple[list[str | None], list[str]]:
    """The parameters as PostgreSQL reads them as text, and the types it gives them."""
    transformer = Transformer(connection)
    values = transformer.dump_sequence(parameters, [PyFormat.TEXT] * len(parameters))
    link = connection.pgconn
    prepared = link.prepare(b"", query.encode(), transformer.types)
    if prepared.error_message:
        raise SystemExit(f"A statement of the service cannot be prepared: {query}")
    described = link.describe_prepared(b"")
    types = [
        connection.execute("select %s::oid::regtype::text", [described.param_type(place)])
        for place in range(described.nparams)
    ]
    return (
        [None if value is None else bytes(value).decode() for value in values],
        [row[0] for cursor in types if (row := cursor.fetchone())],
    )


def _value(text: str, other: str, expressions: _Expressions) -> str:
    """`text` as SQL, with an expression for each part in which `other` differs."""
    is_numbers = _NUMBERS.fullmatch(text) is not None
    pattern, find = (_NUMBER, expressions.of_lock) if is_numbers else (_TOKEN, expressions.of)
    tokens, others = pattern.findall(text), pattern.findall(other)
    if len(tokens) != len(others):
        raise SystemExit("Two puts of the same kind send statements of different form")
    varying = {
        token: expression
        for token, another in zip(tokens, others, strict=True)
        if token != another and (expression := find(token)) is not None
    }
    if not varying:
        return _literal(text)
    arguments: list[str] = []

    def place(found: re.Match[str]) -> str:
        expression = varying.get(found[0])
        if expression is None:
            return found[0]
        if expression not in arguments:
            arguments.append(expression)
        return f"%{arguments.index(expression) + 1}$s"

    form = pattern.sub(place, text.replace("%", "%%"))
    return f"format({_literal(form)}, {', '.join(arguments)})"


def _literal(text: str) -> str:
    # pgbench takes a colon before a letter for one of its variables, even inside quotes.
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a")
    return f"E'{escaped}'"
