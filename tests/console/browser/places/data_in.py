"""What brings records in, and what became of those that could not be placed."""

from typing import Any

from tests.console.browser.places.place import Names, Place, World
from tests.console.data_in import Shop

PLACES = (
    Place("/domains/<domain_name>/integrations"),
    Place("/domains/<domain_name>/integrations/new"),
    Place("/domains/<domain_name>/integrations/new/<kind>"),
    Place("/domains/<domain_name>/integrations/json"),
    Place("/domains/<domain_name>/integrations/one", "?uri={uri}"),
    Place("/domains/<domain_name>/integrations/runs/<run_id>"),
    Place("/domains/<domain_name>/integrations/workflows/<workflow_id>"),
    Place("/domains/<domain_name>/connections"),
    Place("/domains/<domain_name>/connections/new"),
    Place("/domains/<domain_name>/connections/new/<kind>"),
    Place("/domains/<domain_name>/connections/one", "?name={connection}"),
    Place("/domains/<domain_name>/rejected"),
    Place("/domains/<domain_name>/rejected/<rejection_id>"),
    Place("/domains/<domain_name>/imports"),
    Place("/domains/<domain_name>/imports/<import_id>"),
    Place("/domains/<domain_name>/replays"),
    Place("/domains/<domain_name>/replays/<replay_id>"),
)
BATCH: Any = {"StartTime": 1767225600, "EndTime": 1769904000}


def furnish(world: World) -> Names:
    """A domain with one of everything; nothing is under way but what waits for a worker."""
    shop = Shop(world.client, world.domain, world.invoke, world.caller)
    shop.define()
    shop.put("Customer", id="1", name="Ann", mail="ann@example.com")
    shop.put("Order", id="7", mail="nobody@example.com", note="as soon as you can")
    shop.ask("PutConnection", Name="folder", Kind="S3", Settings={"region": "eu-west-1"})
    uri = shop.flow(f"drop-{world.domain}")
    run = shop.ask("StartIntegrationRun", Uri=uri)
    flow = shop.flow_of(f"drop-{world.domain}")
    workflow = world.client.create_integration_workflow(
        DomainName=world.domain,
        WorkflowType="APPFLOW_INTEGRATION",
        ObjectTypeName="Customer",
        RoleArn="arn:aws:iam::111122223333:role/one",
        IntegrationConfig={"AppflowIntegration": {"FlowDefinition": flow, "Batches": [BATCH]}},
    )
    replay = shop.ask("StartReplay", ObjectTypeName="Customer", DryRun=True)
    shop.ask("ContinueReplay", ReplayId=replay["ReplayId"])
    sent = shop.ask("StartFileImport", ObjectTypeName="Customer", FileName="customers.csv")
    return {
        "domain_name": world.domain,
        "kind": "S3",
        "uri": uri,
        "connection": "folder",
        "run_id": run["RunId"],
        "workflow_id": workflow["WorkflowId"],
        "rejection_id": shop.rejected()[0]["RejectionId"],
        "replay_id": replay["ReplayId"],
        "import_id": sent["FileImportId"],
    }
