"""Fills a domain with the invented company: a year of it, in the order in which it happened.

Everything goes through the operations of the service, as its clients, commands and workers call
them. Only the time is not that of the clock on the wall, so that histories reach back.
"""

import csv
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from openprofiles.core.errors import ResourceNotFound
from openprofiles.demo import deciding, definition, sources
from openprofiles.demo.definition import FILLED, FILLING, TAG
from openprofiles.demo.people import DAYS
from openprofiles.demo.service import Service
from openprofiles.demo.year import Arrival, Year, year_until
from openprofiles.features import integrations, matching, rules, transfers

STEPS = 48
"""Into how many steps the year is cut."""

ORDER = (
    sources.CONTACT, sources.CUSTOMER, sources.USER, sources.MEMBER, sources.ORDER, sources.TICKET,
    sources.ASSET, sources.CALL, sources.WARRANTY,
)  # fmt: skip
"""Within a step: customers before what they did."""

FROM_FILES = {sources.MEMBER: 12, sources.CALL: 4}
"""What is pulled from files, and after how many steps each time."""

SENT = 40
"""How many members are in the file that somebody sends."""

RESOLVED_AFTER = (20, 34)
"""After which steps a job of identity resolution runs, before the last one."""

RULES_EACH = 6
"""After how many steps the job worker merges what rules say."""


class NotOurs(Exception):
    """The domain is there, and somebody else's."""


@dataclass(slots=True)
class Filled:
    """What there is afterwards, and whether it was filled now."""

    is_new: bool
    profiles: int
    objects: int
    matches: int


@dataclass(frozen=True, slots=True)
class Step:
    """Some days of the year, up to `until`, by object type."""

    number: int
    until: datetime
    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)


def fill(
    service: Service,
    customers: int,
    *,
    watch: Callable[[str, int, int], None] = lambda *_: None,
) -> Filled:
    """Fill the domain, unless it is filled already; one that a filling left unfinished is made
    anew. `watch` hears what is done, and how much of it.

    Raises NotOurs, ServiceError and DatabaseUnavailable.
    """
    is_new = _stands(service) != FILLED
    if is_new:
        now = service.moment.now
        _Filling(service, year_until(now, customers=customers), now, watch).do()
    stats = service.ask("GetDomain")["Stats"]
    matches = service.ask("GetMatches", MaxResults=1)["PotentialMatches"]
    return Filled(is_new, stats["ProfileCount"], stats["ObjectCount"], matches)


def _stands(service: Service) -> str | None:
    """How far the domain is; an unfinished one is deleted."""
    try:
        found = service.ask("GetDomain")
    except ResourceNotFound:
        return None
    stands = found.get("Tags", {}).get(TAG)
    if stands is None:
        raise NotOurs(
            f"There is a domain {service.domain} that the demo did not make: name another one by"
            " --domain"
        )
    if stands != FILLED:
        service.ask("DeleteDomain")
        return None
    return str(stands)


class _Filling:
    """One filling of a domain."""

    def __init__(
        self,
        service: Service,
        year: Year,
        now: datetime,
        watch: Callable[[str, int, int], None],
    ) -> None:
        self._service = service
        self._year = year
        self._now = now
        self._watch = watch
        self._folder = service.settings.data_dir / "demo-sources" / service.domain

    def do(self) -> None:
        """Make the domain, let the year pass, match, decide."""
        self._service.moment.now = self._now - timedelta(days=DAYS + 1)
        self._define()
        self._connect()
        for step in _steps(self._year.arrivals, self._now):
            self._service.moment.now = step.until
            # Before anything of this step is there: what was there stayed since the last one.
            self._service.ask("RecordDomainHours")
            self._take(step)
            self._watch("Filling", step.number + 1, STEPS)
            if (step.number + 1) % RULES_EACH == 0:
                rules.work_off(self._service.invoke, self._service.caller)
            if step.number + 1 in RESOLVED_AFTER:
                self._resolve()
        self._watch("Matching", STEPS, STEPS)
        self._service.ask("UpdateDomain", Matching=definition.MATCHING)
        self._resolve()
        self._watch("Deciding", STEPS, STEPS)
        self._pull(self._flow_uri(f"{self._service.domain}-returns"))
        deciding.decide(self._service, self._now)
        self._service.moment.now = self._now
        # People decided within the last days, which are counted already.
        self._service.ask("RecordDomainHours", Again=True)
        if self._service.settings.database_url is None:
            # Keys belong to the account, which is ours only on a database of our own.
            deciding.equip(self._service)
            self._send_file()
        tags = {"resourceArn": self._service.arn, "tags": {TAG: FILLED}}
        self._service.invoke("TagResource", tags, self._service.caller)

    def _define(self) -> None:
        ask = self._service.ask
        ask(
            "CreateDomain",
            DefaultExpirationDays=1096,
            RuleBasedMatching=definition.RULES,
            Matching={"Enabled": False},
            Tags={TAG: FILLING, "company": definition.COMPANY},
        )
        for name, text in definition.TEMPLATES.items():
            ask("PutProfileObjectType", ObjectTypeName=name, TemplateId=name, Description=text)
        ask(
            "PutProfileObjectType",
            ObjectTypeName=sources.CALL,
            TemplateId=definition.CALLS_TEMPLATE,
            Description="Contact records of the contact centre",
        )
        template = self._service.invoke(
            "GetProfileObjectTypeTemplate", {"TemplateId": sources.USER}, self._service.caller
        )
        for name, made in (
            (sources.USER, definition.users_after(template)),
            (sources.MEMBER, definition.MEMBERS),
            (sources.WARRANTY, definition.WARRANTIES),
        ):
            ask("PutProfileObjectType", ObjectTypeName=name, **made)

    def _connect(self) -> None:
        """Connections, integrations, and who sends events."""
        ask = self._service.ask
        for bucket in (definition.MEMBERS_BUCKET, definition.CALLS_BUCKET):
            (self._folder / bucket).mkdir(parents=True, exist_ok=True)
        for name, (kind, settings) in definition.connections(
            self._service.domain, self._folder
        ).items():
            ask("PutConnection", Name=name, Kind=kind, Settings=settings)
        domain = self._service.domain
        for object_type, flow in (
            (sources.CONTACT, definition.contacts_flow(domain)),
            (sources.WARRANTY, definition.returns_flow(domain)),
        ):
            ask("PutIntegration", ObjectTypeName=object_type, FlowDefinition=flow)
        ask("PutIntegration", ObjectTypeName=sources.CALL, Uri=self._calls_uri())
        ask(
            "PutIntegration",
            Uri=f"arn:aws:app-integrations:{self._service.place}:event-integration/{domain}-shop",
            ObjectTypeNames={
                "ShopifyUpdateCustomers": sources.CUSTOMER,
                "ShopifyUpdateOrders": sources.ORDER,
            },
        )
        ask(
            "PutEventSource",
            EventSourceName=f"{domain}-shop",
            Kind="shopify",
            Secrets=[secrets.token_hex()],
        )

    def _calls_uri(self) -> str:
        instance = definition.instance_of(self._service.domain)
        return f"arn:aws:connect:{self._service.place}:instance/{instance}"

    def _flow_uri(self, name: str) -> str:
        return f"arn:aws:appflow:{self._service.place}:flow/{name}"

    def _take(self, step: Step) -> None:
        for object_type in ORDER:
            arrivals = step.arrivals.get(object_type, [])
            if object_type in FROM_FILES:
                self._file(object_type, arrivals, step)
            elif arrivals:
                items = [
                    {"Id": str(place), "Object": json.dumps(arrival.document, ensure_ascii=False)}
                    for place, arrival in enumerate(arrivals)
                ]
                self._service.ask("BatchPutProfileObject", ObjectTypeName=object_type, Items=items)

    def _file(self, object_type: str, arrivals: list[Arrival], step: Step) -> None:
        """Write a file into the folder of its source, and pull now and then."""
        if arrivals:
            documents = [arrival.document for arrival in arrivals]
            name = f"{step.until:%Y-%m-%d}"
            if object_type == sources.MEMBER:
                _write_rows(self._folder / definition.MEMBERS_BUCKET / f"{name}.csv", documents)
            else:
                _write_lines(self._folder / definition.CALLS_BUCKET / f"{name}.jsonl", documents)
        if (step.number + 1) % FROM_FILES[object_type] == 0:
            if object_type == sources.CALL:
                self._pull(self._calls_uri())
            else:
                self._pull_members()

    def _send_file(self) -> None:
        """The newest members once more, in a file that somebody sends."""
        service = self._service
        members = [item for item in self._year.arrivals if item.object_type == sources.MEMBER]
        sent = service.by(deciding.OPERATOR).ask(
            "StartFileImport", ObjectTypeName=sources.MEMBER, FileName="members-of-this-month.csv"
        )
        folder = service.settings.imports_dir
        folder.mkdir(parents=True, exist_ok=True)
        documents = [arrival.document for arrival in members[-SENT:]]
        _write_rows(folder / sent["FileImportId"], documents)
        service.ask("RunFileImport", FileImportId=sent["FileImportId"])
        transfers.run_due(service.invoke, service.caller, folder)

    def _pull_members(self) -> None:
        """What the tills have written: the first time by a workflow, which makes the integration
        that goes on from there.
        """
        ask, domain = self._service.ask, self._service.domain
        uri = self._flow_uri(definition.members_flow_name(domain))
        if ask("ListWorkflows")["Items"]:
            self._pull(uri)
            return
        ask(
            "CreateIntegrationWorkflow",
            WorkflowType="APPFLOW_INTEGRATION",
            ObjectTypeName=sources.MEMBER,
            RoleArn=f"arn:aws:iam::{self._service.caller.account_id}:role/openprofiles-demo",
            IntegrationConfig={
                "AppflowIntegration": {"FlowDefinition": definition.members_flow(domain)}
            },
        )
        for step in ask("ListIntegrationRuns", Uri=uri)["Items"]:
            self._run(uri, step["RunId"])

    def _pull(self, uri: str) -> None:
        self._run(uri, self._service.ask("StartIntegrationRun", Uri=uri)["RunId"])

    def _run(self, uri: str, run_id: str) -> None:
        service = self._service
        machine = integrations.Machine(
            invoke=service.invoke,
            hold=service.hold,
            settings=service.settings,
            caller=service.caller,
            permits=integrations.permits_of(service.settings),
        )
        integrations.run_one(machine, service.domain, run_id, uri)

    def _resolve(self) -> None:
        service = self._service
        job_id = service.ask("StartIdentityResolutionJob")["JobId"]
        machine = matching.Machine(
            invoke=service.invoke,
            hold=service.hold,
            settings=service.settings,
            caller=service.caller,
        )
        matching.run_one(machine, service.domain, job_id)


def _steps(arrivals: Sequence[Arrival], now: datetime) -> Iterator[Step]:
    start, length = now - timedelta(days=DAYS), timedelta(days=DAYS) / STEPS

    def number_of(arrival: Arrival) -> int:
        return max(0, min(STEPS - 1, int((arrival.moment - start) / length)))

    for number, of_step in groupby(arrivals, number_of):
        step = Step(number, start + length * (number + 1))
        for arrival in of_step:
            step.arrivals.setdefault(arrival.object_type, []).append(arrival)
        yield step


def _write_rows(path: Path, documents: list[sources.Document]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sources.MEMBER_COLUMNS)
        writer.writeheader()
        writer.writerows(documents)


def _write_lines(path: Path, documents: list[sources.Document]) -> None:
    path.write_text("".join(f"{json.dumps(document)}\n" for document in documents), "utf-8")
