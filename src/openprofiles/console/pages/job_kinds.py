"""Jobs of all kinds in words: what they are, how far, and which page of their own they have."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

KINDS = {
    "IDENTITY_RESOLUTION": "Identity resolution",
    "FILE_IMPORT": "Import of a file",
    "COMMAND_IMPORT": "Import by command",
    "REPLAY": "Replay",
    "INTEGRATION_RUN": "Run of an integration",
    "ERASURE": "Erasure",
}
LASTING = {
    "ENCRYPTION": "Sealing with new keys",
    "RULES": "Applying the rules to all profiles",
    "MATCH_INDEX": "Filling the index of matches",
}
STATES = {
    "WAITING": ("waiting", "plain"),
    "RUNNING": ("under way", "busy"),
    "COMPLETED": ("done", "good"),
    "PARTIAL": ("done in part", "warn"),
    "FAILED": ("failed", "bad"),
    "STOPPED": ("stopped", "warn"),
}
"""State -> in a word, and its kind of badge."""

STEPS = {
    "PENDING": "Wait for its time",
    "PREPROCESSING": "Read and standardise profiles",
    "FIND_MATCHING": "Find matches",
    "MERGING": "Merge what is sure",
    "WAITING": "Wait for the file",
    "RUNNING": "Go through the records",
    "NOT_STARTED": "Wait for a job worker",
    "IN_PROGRESS": "Pull records and ingest them",
    "ERASING": "Remove what belongs to the profiles",
    "LOOKING_THROUGH_REJECTED_OBJECTS": "Look through rejected objects",
}
STEP_STATES = {
    "DONE": ("done", "good"),
    "AT_HAND": ("at hand", "busy"),
    "FAILED": ("ended here", "bad"),
    "UNKNOWN": ("not known", "plain"),
    "TO_COME": ("to come", "plain"),
}
NUMBERS = {
    "Reviewed": "profiles compared",
    "MatchesFound": "matches found",
    "Merged": "merges done",
    "Read": "records read",
    "Rejected": "rejected",
    "Changed": "objects changed",
    "Pulled": "records pulled",
    "Profiles": "profiles erased",
}
_CAUSES = {"schedule": "by its schedule", "request": "by request", "workflow": "by a workflow"}


def subject_of(item: Mapping[str, Any]) -> str:
    """What the work is about: a type, an integration, and why or how."""
    cause, subject = item["Cause"], item["Subject"]
    # Of an ARN, what tells it apart.
    parts = (subject and subject.rpartition("/")[2], _CAUSES.get(cause, cause))
    return ", ".join(part for part in parts if part)


def goes_on(way: Mapping[str, Any] | None) -> bool:
    """Whether a way to do a job once more has itself go on, where others begin another like it."""
    return way is not None and way["Operation"] == "RetryFileImport"


def lacks_file(item: Mapping[str, Any]) -> bool:
    """Whether it is an import that failed or was stopped, and whose file is gone."""
    is_short = item["State"] in ("FAILED", "STOPPED")
    return item["Kind"] == "FILE_IMPORT" and is_short and item["Retry"] is None


def send_url_of(item: Mapping[str, Any]) -> str:
    """Where the file of an import can be sent once more."""
    return url_for("imports.index", domain_name=item["DomainName"], type=item["Subject"])


def page_of(item: Mapping[str, Any]) -> str | None:
    """The page where its own area shows it; None when it has none."""
    name, job_id = item["DomainName"], item["JobId"]
    if item["Kind"] == "FILE_IMPORT":
        return url_for("imports.show", domain_name=name, import_id=job_id)
    if item["Kind"] == "REPLAY":
        return url_for("replays.show", domain_name=name, replay_id=job_id)
    if item["Kind"] == "INTEGRATION_RUN":
        return url_for("integrations.run", domain_name=name, run_id=job_id)
    if item["Kind"] == "IDENTITY_RESOLUTION":
        return url_for("resolution.show", domain_name=name)
    if item["Kind"] == "ERASURE":
        return url_for("customers.receipt", domain_name=name, erasure_id=job_id)
    return None
