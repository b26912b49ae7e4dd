"""Tasks of flows: what they make of a record, and which cannot be done (core reference §9.3)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from openprofiles.core.errors import BadRequest
from openprofiles.features.integrations.flows import (
    BadRecord,
    Terminated,
    compile_tasks,
    source_fields,
    tasks,
    value,
)
from tests.features.integrations.conftest import flow, refusal

RECORD = {
    "Id": 7,
    "First": "Ada",
    "Last": "Lovelace",
    "Owner": {"Name": "B"},
    "Empty": "",
    "N": "3",
}


def task(kind, fields, operator=None, to=None, **properties):
    """A task of a Salesforce flow."""
    made = {"TaskType": kind, "SourceFields": fields, "TaskProperties": properties}
    if operator:
        made["ConnectorOperator"] = {"Salesforce": operator}
    if to:
        made["DestinationField"] = to
    return made


def done(*given_tasks, record=None, **options):
    return compile_tasks(given_tasks, "Salesforce", **options)(record or RECORD)


def test_without_tasks_a_record_passes_as_it_is():
    assert done() == RECORD


def test_a_projection_keeps_the_fields_it_names():
    assert done(task("Filter", ["Id", "First", "Gone"], "PROJECTION")) == {"Id": 7, "First": "Ada"}


def test_only_what_is_mapped_is_kept():
    projection = task("Filter", ["Id", "First"], "PROJECTION")

    assert done(projection, task("Map", ["Id"], "NO_OP", "id")) == {"id": 7}
    assert done(task("Map", ["Gone"], to="x"), task("Map", ["Id"])) == {"Id": 7}


def test_a_field_within_an_object_is_reached_by_its_path():
    assert done(task("Map", ["Owner.Name"], to="owner")) == {"owner": "B"}
    assert done(task("Map", ["Owner.Gone.More"], to="owner")) == {}


def test_fields_that_come_new_pass_when_the_flow_wants_that():
    mapped = done(task("Map", ["First"], to="name"), passes_others=True)

    assert mapped == {**RECORD, "name": "Ada"}


def test_two_maps_of_one_destination_leave_the_last():
    assert done(task("Map", ["First"], to="x"), task("Map", ["Last"], to="x")) == {"x": "Lovelace"}


@pytest.mark.parametrize(
    ("operator", "properties", "passes"),
    [
        ("EQUAL_TO", {"VALUE": "3.0"}, True),
        ("EQUAL_TO", {"VALUE": "3.0", "DATA_TYPE": "string"}, False),
        ("EQUAL_TO", {"VALUES": "1, 3"}, True),
        ("NOT_EQUAL_TO", {"VALUE": "3"}, False),
        ("NOT_EQUAL_TO", {"VALUE": "4"}, True),
        ("LESS_THAN", {"VALUE": "4"}, True),
        ("LESS_THAN", {"VALUE": "3"}, False),
        ("LESS_THAN_OR_EQUAL_TO", {"VALUE": "3"}, True),
        ("GREATER_THAN", {"VALUE": "10"}, False),
        ("GREATER_THAN", {"VALUE": "10", "DATA_TYPE": "string"}, True),
        ("GREATER_THAN_OR_EQUAL_TO", {"VALUE": "3", "DATA_TYPE": "integer"}, True),
        ("BETWEEN", {"LOWER_BOUND": "3", "UPPER_BOUND": "5"}, True),
        ("BETWEEN", {"LOWER_BOUND": "4", "UPPER_BOUND": "5"}, False),
        ("CONTAINS", {"VALUE": "3"}, True),
        ("CONTAINS", {"VALUES": "x,y"}, False),
        ("LESS_THAN", {"VALUE": "four"}, False),
    ],
)
def test_a_filter_compares(operator, properties, passes):
    assert (done(task("Filter", ["N"], operator, **properties)) is not None) is passes


@pytest.mark.parametrize(
    ("operator", "properties", "passes"),
    [
        ("EQUAL_TO", {"VALUE": ""}, False),
        ("NOT_EQUAL_TO", {"VALUE": "x"}, True),
        ("LESS_THAN", {"VALUE": "1"}, False),
        ("BETWEEN", {"LOWER_BOUND": "0", "UPPER_BOUND": "5"}, False),
        ("CONTAINS", {"VALUE": "x"}, False),
    ],
)
@pytest.mark.parametrize("field", ["Empty", "Gone"])
def test_a_field_without_a_value_passes_only_when_it_must_not_equal(
    operator, properties, passes, field
):
    assert (done(task("Filter", [field], operator, **properties)) is not None) is passes


def test_a_filter_of_moments_reads_them_in_any_form():
    def passes(text, bound, kind="datetime"):
        look = task("Filter", ["at"], "GREATER_THAN", VALUE=bound, DATA_TYPE=kind)
        return done(look, record={"at": text}) is not None

    assert passes("2026-01-01T01:00:00+01:00", "2025-12-31T23:59:59Z")
    assert passes(1_767_225_600, "2025-12-31")
    assert passes(1_767_225_600_000, "1767225599000")
    assert not passes("yesterday", "2025-12-31")
    assert not passes("2025-12-30", "2025-12-31", "date")
    assert not passes("9" * 30, "2025-12-31")


def test_a_filter_of_a_yes_or_no_reads_it_in_any_form():
    look = task("Filter", ["on"], "EQUAL_TO", VALUE="True", DATA_TYPE="boolean")

    assert done(look, record={"on": True}) == {"on": True}
    assert done(look, record={"on": "true"}) is not None
    assert done(look, record={"on": False}) is None


def test_a_list_contains_its_elements():
    look = task("Filter", ["tags"], "CONTAINS", VALUES="vip,gold")

    assert done(look, record={"tags": ["gold"]}) is not None
    assert done(look, record={"tags": ["golden"]}) is None


def test_texts_are_masked():
    def masked(operator, text="123-45-678", **properties):
        return done(task("Mask", ["x"], operator, **properties), record={"x": text})["x"]

    assert masked("MASK_ALL") == "*" * 10
    assert masked("MASK_ALL", MASK_LENGTH="3", MASK_VALUE="#") == "###"
    assert masked("MASK_FIRST_N", MASK_LENGTH="4") == "****45-678"
    assert masked("MASK_LAST_N", MASK_LENGTH="4", MASK_VALUE="x") == "123-45xxxx"
    assert masked("MASK_LAST_N", "12", MASK_LENGTH="4") == "**"
    assert masked("MASK_FIRST_N", 1234, MASK_LENGTH="2") == "**34"
    assert masked("MASK_ALL", None) is None


def test_texts_are_cut():
    assert done(task("Truncate", ["Last"], TRUNCATE_LENGTH="4")) == {"Last": "Love"}


def test_fields_are_merged():
    both = ["First", "Last"]

    assert done(task("Merge", both, to="name")) == {"name": "Ada Lovelace"}
    assert done(task("Merge", both, to="name", CONCAT_FORMAT=", ")) == {"name": "Ada, Lovelace"}
    form = "${Last}/${First}"
    assert done(task("Merge", both, to="name", CONCAT_FORMAT=form)) == {"name": "Lovelace/Ada"}
    assert done(task("Merge", ["Gone", "Empty"], to="name")) == {}


def test_a_task_goes_on_with_what_an_earlier_one_made():
    made = done(
        task("Map", ["Last"], to="name"),
        task("Truncate", ["Last"], to="name", TRUNCATE_LENGTH="4"),
        task("Mask", ["Last"], "MASK_FIRST_N", "name", MASK_LENGTH="2"),
    )

    assert made == {"name": "**ve"}


def test_a_task_of_a_missing_field_writes_nothing():
    assert done(task("Truncate", ["Gone"], TRUNCATE_LENGTH="4"), task("Map", ["Id"])) == {"Id": 7}


@pytest.mark.parametrize(
    ("operator", "result"),
    [
        ("ADDITION", 10),
        ("SUBTRACTION", 4),
        ("MULTIPLICATION", 21),
        ("DIVISION", pytest.approx(7 / 3)),
    ],
)
def test_numbers_are_computed(operator, result):
    assert done(task("Arithmetic", ["Id", "N"], operator, "sum")) == {"sum": result}


def test_numbers_are_computed_in_the_order_that_is_said_and_with_constants():
    ordered = task(
        "Arithmetic", ["Id", "N"], "SUBTRACTION", "x", MATH_OPERATION_FIELDS_ORDER="N,Id"
    )

    assert done(ordered) == {"x": -4}
    assert done(task("Arithmetic", ["N"], "MULTIPLICATION", "x", VALUE="0.5")) == {"x": 1.5}
    assert done(task("Arithmetic", ["N", "Empty"], "ADDITION", "x")) == {}


@pytest.mark.parametrize(
    ("record", "operator"),
    [
        ({"a": "1", "b": "0"}, "DIVISION"),
        ({"a": "1", "b": "x"}, "ADDITION"),
        ({"a": True, "b": 1}, "ADDITION"),
    ],
)
def test_what_cannot_be_computed_makes_the_record_bad(record, operator):
    with pytest.raises(BadRecord):
        done(task("Arithmetic", ["a", "b"], operator, "x"), record=record)


@pytest.mark.parametrize(
    ("operator", "text", "passes"),
    [
        ("VALIDATE_NON_NULL", "", False),
        ("VALIDATE_NON_NULL", 0, True),
        ("VALIDATE_NON_ZERO", "0.0", False),
        ("VALIDATE_NON_ZERO", "x", True),
        ("VALIDATE_NON_NEGATIVE", "-1", False),
        ("VALIDATE_NON_NEGATIVE", 0, True),
        ("VALIDATE_NON_NEGATIVE", "x", True),
        ("VALIDATE_NUMERIC", "1e3", True),
        ("VALIDATE_NUMERIC", "1x", False),
        ("VALIDATE_NUMERIC", True, False),
        ("VALIDATE_NUMERIC", None, False),
    ],
)
def test_a_record_that_is_not_valid_is_left_out_or_ends_the_flow(operator, text, passes):
    record = {"x": text}

    assert (done(task("Validate", ["x"], operator), record=record) is not None) is passes
    if not passes:
        ending = task("Validate", ["x"], operator, VALIDATION_ACTION="TerminateFlow")
        with pytest.raises(Terminated, match="field x"):
            done(ending, record=record)


@pytest.mark.parametrize(
    ("source", "destination", "found", "made"),
    [
        ("double", "string", 1.5, "1.5"),
        ("string", "integer", "12", 12),
        ("string", "double", "x", "x"),
        ("string", "boolean", "TRUE", True),
        ("string", "boolean", "maybe", "maybe"),
        ("string", "string", 5, 5),
        ("string", "datetime", "2026", "2026"),
        ("double", "string", None, None),
    ],
)
def test_a_map_converts_between_types_that_it_names(source, destination, found, made):
    mapping = task("Map", ["x"], SOURCE_DATA_TYPE=source, DESTINATION_DATA_TYPE=destination)

    assert done(mapping, record={"x": found}) == {"x": made}


def test_a_flow_needs_the_fields_of_its_projection_and_tasks():
    projection = task("Filter", ["Id"], "PROJECTION")
    look = task("Filter", ["Score"], "GREATER_THAN", VALUE="1")

    assert source_fields([projection, look, task("Map", ["Id"])], "Salesforce") == ("Id", "Score")
    assert source_fields([look], "Salesforce") is None


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (task("Map", []), "SourceFields must not be empty"),
        (task("Mask", ["x"]), "ConnectorOperator.Salesforce must be given"),
        (task("Mask", ["x"], "NO_OP"), "cannot be this one"),
        (task("Filter", ["x"], "MASK_ALL"), "cannot be this one"),
        ({**task("Map", ["x"]), "ConnectorOperator": {"S3": "NO_OP"}}, "must have Salesforce"),
        (task("Filter", ["x"], "EQUAL_TO"), "must have VALUE"),
        (task("Filter", ["x"], "LESS_THAN", VALUE="x", DATA_TYPE="number"), "not of the type"),
        (task("Filter", ["x"], "BETWEEN", LOWER_BOUND="1"), "must have UPPER_BOUND"),
        (task("Mask", ["x"], "MASK_LAST_N"), "must have MASK_LENGTH"),
        (task("Mask", ["x"], "MASK_FIRST_N", MASK_LENGTH="-1"), "must be a whole number"),
        (task("Truncate", ["x"], TRUNCATE_LENGTH="9" * 9), "must be a whole number"),
        (task("Merge", ["x"], CONCAT_FORMAT="${y}"), "not in SourceFields"),
        (task("Arithmetic", ["x"], "ADDITION"), "must name two fields"),
        (task("Arithmetic", ["x"], "ADDITION", VALUE="x"), "VALUE must be a number"),
        (
            task("Arithmetic", ["x", "y"], "ADDITION", MATH_OPERATION_FIELDS_ORDER="x"),
            "must name all SourceFields",
        ),
        (task("Map", [""]), "DestinationField must be given"),
    ],
)
def test_a_task_that_cannot_be_done_is_refused(broken, sentence):
    with pytest.raises(BadRequest, match=f"number 2: .*{sentence}"):
        tasks.require_valid([task("Map", ["Id"]), broken], "Salesforce")


@pytest.mark.parametrize("member", ["Marketo", "S3", "Salesforce", "ServiceNow", "Zendesk"])
def test_each_operator_of_the_model_belongs_to_a_type_of_task(member):
    model = get_session().get_service_model("customer-profiles")
    operators = set(model.shape_for(f"{member}ConnectorOperator").enum)

    assert operators - {name for names in tasks.OPERATORS.values() for name in names} == set()
    assert set(model.shape_for("TaskType").enum) == tasks.OPERATORS.keys()


@given(
    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.floats() | st.text())
)
def test_any_record_passes_any_task_or_is_bad(record):
    every = [
        task("Filter", ["a"], "NOT_EQUAL_TO", VALUE="1"),
        task("Map", ["a"], to="b", SOURCE_DATA_TYPE="x", DESTINATION_DATA_TYPE="number"),
        task("Mask", ["a"], "MASK_ALL"),
        task("Truncate", ["a"], TRUNCATE_LENGTH="1"),
        task("Merge", ["a", "0"], to="c"),
        task("Arithmetic", ["a", "0"], "DIVISION", "d"),
    ]
    try:
        made = done(*every, record={"0": 1, **record})
    except BadRecord:
        return

    assert made is None or made.keys() <= {"a", "b", "c", "d"}


def test_moments_and_numbers_are_read_as_what_they_are():
    assert value.moment_of("2026-01-01") == datetime(2026, 1, 1, tzinfo=UTC)
    assert value.moment_of("99999-01-01") is None
    assert value.moment_of(10**30) is None
    assert value.number_of("1" * 41) is None
    assert value.plain(Decimal("1e300")) == 1e300


def test_put_integration_says_which_task_cannot_be_done(client, customers):
    broken = {"TaskType": "Truncate", "SourceFields": ["x"]}

    code, message = refusal(
        client.put_integration,
        DomainName=customers,
        ObjectTypeName="customers",
        FlowDefinition=flow(Tasks=[broken]),
    )

    assert code == "BadRequestException"
    assert "Tasks, number 1: TaskProperties must have TRUNCATE_LENGTH" in message
