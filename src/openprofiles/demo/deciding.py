"""What people of the invented company did in its last days: stewards about duplicates, agents about
customers, operators about what was rejected.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from openprofiles.core.operation import Answer
from openprofiles.demo import sources
from openprofiles.demo.service import Service
from openprofiles.features import replays

STEWARDS = ("m.keller@example.com", "o.adeyemi@example.com")
AGENTS = ("a.lindqvist@example.com", "c.moreau@example.com", "d.tanaka@example.com")
OPERATOR, PRIVACY = "ops@example.com", "privacy@example.com"
MERGED, APART, EDITED = 12, 4, 15
"""How many groups are merged and decided apart, how many profiles edited by hand."""


def decide(service: Service, now: datetime) -> None:
    """Do all of it, within the days before `now`."""
    groups = service.ask("GetMatches", MaxResults=100)["Matches"]
    # The surest are left for auto-merging; of the others some, so that a queue remains.
    picked = [group["ProfileIds"] for group in groups if group["ConfidenceScore"] < 0.9999]
    _merge(service, picked[:MERGED], now)
    _keep_apart(service, picked[MERGED : MERGED + APART], now)
    _edit(service, picked[MERGED + APART :], now)
    _look_after(service, now)
    _erase(service, now)


def _merge(service: Service, groups: Sequence[Sequence[str]], now: datetime) -> None:
    """Merge groups, each with a name of a source that a steward chose; undo the last one."""
    for place, ids in enumerate(groups):
        service.moment.now = now - timedelta(days=9, hours=-9 * place)
        main, *others = ids
        service.by(STEWARDS[place % 2]).ask(
            "MergeProfiles",
            MainProfileId=main,
            ProfileIdsToBeMerged=others[:20],
            FieldSourceProfileIds={"FirstName": others[0]} if place % 3 == 0 else {},
        )
    if groups:
        [last] = service.ask("ListMerges", ProfileId=groups[-1][0], MaxResults=1)["Items"]
        service.by(STEWARDS[0]).ask("UndoMerge", MergeId=last["MergeId"])


def _keep_apart(service: Service, groups: Sequence[Sequence[str]], now: datetime) -> None:
    for place, (one, other, *_) in enumerate(groups):
        service.moment.now = now - timedelta(days=3, hours=-5 * place)
        service.by(STEWARDS[place % 2]).ask("DecideNotSame", ProfileId=one, OtherProfileId=other)


def _edit(service: Service, groups: Sequence[Sequence[str]], now: datetime) -> None:
    """What agents noted while they spoke with customers."""
    notes: tuple[dict[str, Any], ...] = (
        {"AdditionalInformation": "Prefers letters to e-mail. Rings after six."},
        {"Attributes": {"preferredLanguage": "de"}},
        {"Attributes": {"newsletter": "no"}, "AdditionalInformation": "Wants no advertising."},
        {"Attributes": {"vip": "yes"}},
        {"BusinessName": "Café Nordlicht", "AdditionalInformation": "Orders for the café."},
    )
    for place, ids in enumerate(groups[:EDITED]):
        service.moment.now = now - timedelta(days=6, hours=-7 * place)
        service.by(AGENTS[place % 3]).ask(
            "UpdateProfile", ProfileId=ids[0], **notes[place % len(notes)]
        )


def _look_after(service: Service, now: datetime) -> None:
    """Try again what was rejected of warranties, and see what a replay of members would do."""
    service.moment.now = now - timedelta(hours=20)
    operator = service.by(OPERATOR)
    operator.ask("RetryRejectedObjects", ObjectTypeName=sources.WARRANTY)
    begun = operator.ask("StartReplay", ObjectTypeName=sources.MEMBER, DryRun=True)
    replays.run(operator.invoke, operator.caller, operator.domain, begun["ReplayId"])


def _erase(service: Service, now: datetime) -> None:
    """One customer asked that all about them be erased, and that no source bring them back."""
    service.moment.now = now - timedelta(hours=9)
    [latest] = service.ask("ListRecentProfiles", MaxResults=1)["Items"]
    service.by(PRIVACY).ask(
        "EraseProfile", ProfileIds=[latest["Profile"]["ProfileId"]], Tombstone=True
    )


def equip(service: Service) -> None:
    """A policy and keys of programs; disabled, since nobody has their secrets."""
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["profile:Get*",'
        f' "profile:List*", "profile:SearchProfiles"], "Resource": "{service.arn}*"}}]}}'
    )
    caller = service.caller
    service.invoke("PutPolicy", {"PolicyName": "demo-reports", "PolicyDocument": policy}, caller)
    for name, policies in (
        ("demo: contact centre", ["agent"]),
        ("demo: nightly reports", ["demo-reports"]),
    ):
        key: Answer = service.invoke(
            "CreateAccessKey", {"Name": name, "Policies": policies}, caller
        )
        service.invoke("DisableAccessKey", {"AccessKeyId": key["AccessKeyId"]}, caller)
