"""Each operation that changes something leaves its entry in the audit: who, what, when, in which
request. All are called, with a signature, on what an account has.
"""

import uuid

import pytest

from openprofiles.features.auditing import IN_JOURNAL
from openprofiles.features.invoke import OPERATIONS
from tests.features.access.furnished import (
    OF_MATCHES,
    OFFERED,
    furnish,
    members_of,
    request_for,
    takes_a_domain,
)

CHANGING = [name for name in OFFERED if not OPERATIONS[name].reads_only and name not in OF_MATCHES]
LATER = ("Start", "Retry", "Rotate", "Undo", "Untag", "Withdraw"), ("Drop",), ("Delete",)
"""What takes the place, or the thing, of what comes before it."""

LAST = ("DeleteProfileObjectType", "DeleteDomain")


def _order(name):
    turns = [number for number, begins in enumerate(LATER, 1) if name.startswith(begins)]
    return (*(turns or [0]), LAST.index(name) + 1 if name in LAST else 0, name)


@pytest.fixture(autouse=True)
def no_keys():
    """Not here: the owner needs a key."""


@pytest.fixture
def kept(guarded, owner, settings):
    """Members by name that lead to what the account keeps."""
    things = furnish(owner, f"told-{uuid.uuid4().hex}", guarded.buckets)
    # Files come by the console, before their import is asked to run.
    sent = settings.imports_dir / things["FileImportId"]
    sent.parent.mkdir(exist_ok=True)
    sent.write_text("id\n1\n", encoding="utf-8")
    return things


@pytest.fixture
def special(guarded, owner, settings, kept):
    """Members of operations that must not be about what the others are about."""
    spare = kept["Spare"]
    fresh = f"fresh-{uuid.uuid4().hex}"
    owner.ask("CreateDomain", DomainName=fresh, DefaultExpirationDays=3, Matching={"Enabled": True})
    failed = _failed_import(guarded, owner, settings, kept["DomainName"])
    within = {"DomainName": kept["DomainName"], "ProfileId": spare[4]}
    owner.ask("UpdateProfile", **within, LastName="before")
    (update,) = owner.ask("ListProfileHistoryRecords", **within, ActionType="UPDATED")[
        "ProfileHistoryRecords"
    ]
    return {
        "UndoProfileUpdate": {"ProfileId": spare[4], "Id": update["Id"]},
        "CreateDomain": {"DomainName": f"made-{uuid.uuid4().hex}"},
        "DeleteProfile": {"ProfileId": spare[0]},
        "EraseProfile": {"ProfileIds": [spare[1]]},
        "MergeProfiles": {"MainProfileId": spare[2], "ProfileIdsToBeMerged": [spare[3]]},
        "RetryFileImport": {"FileImportId": failed},
        "StartIdentityResolutionJob": {"DomainName": fresh},
    }


def _failed_import(guarded, owner, settings, domain):
    within = {"DomainName": domain}
    sent = owner.ask("StartFileImport", **within, ObjectTypeName="Orders", FileName="again.csv")
    one = {**within, "FileImportId": sent["FileImportId"]}
    (settings.imports_dir / sent["FileImportId"]).write_text("id\n1\n", encoding="utf-8")
    guarded.invoke("EndFileImport", {**one, "Status": "FAILED", "Message": "Broke"}, guarded.caller)
    return sent["FileImportId"]


def _told(owner, reply, domain):
    """The entries that one request has left."""
    listing = "ListAuditEntries" if domain else "ListAccountAuditEntries"
    given = {"DomainName": domain} if domain else {}
    entries = owner.ask(listing, **given)["Items"]
    return [item for item in entries if item["RequestId"] == reply.headers["x-amzn-requestid"]]


def test_each_change_is_told_once_with_who_what_and_when(owner, kept, special):
    untold = {}
    for name in sorted(CHANGING, key=_order):
        members = {**members_of(kept), **special.get(name, {})}
        reply = owner.send(request_for(name, members))
        domain = members["DomainName"] if takes_a_domain(name) else None
        entries = _told(owner, reply, None if name == "DeleteDomain" else domain)
        own = [entry for entry in entries if entry["Kind"] == name]
        journal = [entry["Kind"] for entry in entries if entry["Kind"] != name]
        wanted = (0, 1) if name in IN_JOURNAL else (1, len(journal))
        whole = all(
            (entry["Principal"], entry["PerformedBy"]) == (owner.key.name, owner.key.principal_arn)
            for entry in entries
        )
        if (reply.status, len(own), len(journal), whole) != (200, *wanted, True):
            untold[name] = reply.status, reply.content, entries

    assert untold == {}


def test_who_is_refused_leaves_no_entry(guarded, owner, kept):
    nobody = guarded.signer("nobody", {"Action": "s3:*"})
    before = owner.ask("ListAccountAuditEntries")["Items"]

    replies = [nobody.send(request_for(name, members_of(kept))) for name in CHANGING]

    assert {reply.status for reply in replies} == {403}
    told = owner.ask("ListAccountAuditEntries")["Items"][len(before) :]
    assert [entry["Kind"] for entry in told] == []


def test_who_takes_a_domain_out_is_told(owner, guarded, kept, tmp_path):
    request = {"DomainName": kept["DomainName"], "Path": tmp_path / "all.tar.gz"}

    guarded.invoke("ExportDomain", {**request, "Watch": lambda *_: None}, guarded.caller)

    told = owner.ask("ListAuditEntries", DomainName=kept["DomainName"], Kind="ExportDomain")
    (entry,) = told["Items"]
    assert (entry["Principal"], entry["RequestId"]) == ("test", guarded.caller.request_id)
