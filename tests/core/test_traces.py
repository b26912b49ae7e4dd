"""What a log says of an error that nobody expected."""

from openprofiles.core.traces import trace_of


def fail(value: str) -> None:
    try:
        raise KeyError(value)
    except KeyError as error:
        raise ValueError(f"{value} is wrong") from error


def test_kinds_and_places_of_the_error_and_its_causes_and_no_text():
    try:
        fail("a customer's name")
    except ValueError as error:
        said = trace_of(error)

    assert "builtins.ValueError at " in said
    assert " caused by builtins.KeyError at " in said
    assert "test_traces.py" in said
    assert "customer" not in said


def test_a_chain_without_end_is_cut():
    error = last = ValueError()
    for _ in range(20):
        last.__cause__ = ValueError()
        last = last.__cause__

    assert trace_of(error).count("ValueError") == 5
