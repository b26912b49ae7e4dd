"""How integrations stand: what is told of them, paused and let go on; kinds of sources."""

import uuid

import pytest

from openprofiles.core.errors import BadRequest, ResourceNotFound
from tests.features.integrations.conftest import every, folder_flow


def test_a_flow_and_how_far_it_is_are_told(source):
    uri = source.integrate(folder_flow(TriggerConfig=every("rate(1 hour)", Timezone="UTC")))
    source.write([{"id": "1"}])
    source.run(uri)
    found = source.own("DescribeIntegration", Uri=uri)

    assert found["ScheduleExpression"] == "rate(1 hour)"
    assert (found["SourceKind"], found["ConnectionName"]) == ("Marketo", "folder")
    assert found["LastRun"]["Pulled"] == 1
    assert found["Bookmark"]
    assert found["FlowDefinition"]["SourceFlowConfig"]["ConnectorType"] == "Marketo"


def test_a_paused_integration_runs_only_when_asked(source):
    definition = folder_flow(TriggerConfig=every("rate(1 hour)"))
    uri = source.integrate(definition)
    paused = source.own("PauseIntegration", Uri=uri)
    source.write([{"id": "1"}])
    by_itself = source.work()
    asked = source.run(uri)

    assert (paused["IsPaused"], paused["NextRunAt"]) == (True, None)
    assert by_itself == 0
    assert asked["Pulled"] == 1


def test_a_paused_integration_stays_so_when_it_is_changed_and_goes_on_when_resumed(source):
    uri = "connector://Marketo/folder/leads"
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")
    source.own("PauseIntegration", Uri=uri)
    changed = source.client.put_integration(
        DomainName=source.domain, Uri=uri, ObjectTypeName="customers"
    )
    [paused] = source.own("ListIntegrationStates")["Items"]
    resumed = source.own("ResumeIntegration", Uri=uri)

    assert "IsPaused" not in changed
    assert (paused["IsPaused"], paused["NextRunAt"]) == (True, None)
    assert not resumed["IsPaused"]
    assert resumed["NextRunAt"] is not None


def test_a_source_that_sends_by_itself_cannot_be_paused(source, uri):
    source.client.put_integration(DomainName=source.domain, Uri=uri, ObjectTypeName="customers")

    with pytest.raises(BadRequest, match="sends by itself"):
        source.own("PauseIntegration", Uri=uri)


@pytest.mark.parametrize(
    "operation", ["DescribeIntegration", "PauseIntegration", "ResumeIntegration"]
)
def test_an_integration_that_is_missing_is_not_found(source, operation):
    with pytest.raises(ResourceNotFound):
        source.own(operation, Uri=f"s3://{uuid.uuid4().hex}")


def test_kinds_of_sources_say_what_a_connection_needs(source):
    kinds = {
        item["Kind"]: item
        for item in source.machine.invoke("ListConnectorKinds", {}, source.machine.caller)["Items"]
    }
    secrets = {entry["Name"] for entry in kinds["Zendesk"]["Settings"] if entry["IsSecret"]}

    assert "api_token" in secrets
    assert kinds["Salesforce"]["TimestampField"] == "SystemModstamp"
