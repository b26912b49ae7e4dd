"""Where pages of jobs, pairs and matches go on; broken ones are refused."""

import re
from datetime import datetime

from openprofiles.core.errors import BadRequest
from openprofiles.core.ids import FIRST, Id
from openprofiles.core.paging import BROKEN
from openprofiles.features.matching.job import Job

_MATCH_ID = re.compile(r"([0-9a-f]{32})-([0-9]{1,9})")


def after_job(job: Job) -> str:
    """The cursor of the page after a job."""
    return f"{job.starts_at.isoformat()} {job.id}"


def before_job(cursor: str | None) -> tuple[datetime, Id] | None:
    """Start and id of the last job of the page before, None for the first page."""
    if cursor is None:
        return None
    moment, _, job_id = cursor.rpartition(" ")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise BadRequest(BROKEN) from error
    if at.tzinfo is None or not is_id(job_id):
        raise BadRequest(BROKEN)
    return at, job_id


def after_pair(cursor: str | None) -> tuple[Id, Id]:
    """The last pair of the page before."""
    if cursor is None:
        return FIRST, FIRST
    one, _, other = cursor.partition(" ")
    if not (is_id(one) and is_id(other)):
        raise BadRequest(BROKEN)
    return one, other


def match_id(job_id: Id, number: int) -> str:
    """The MatchId of a group: it names the run, so that it never means another run's group."""
    return f"{job_id}-{number}"


def read_match_id(text: str) -> tuple[Id, int] | None:
    """Run and number of a MatchId, None when it is none."""
    found = _MATCH_ID.fullmatch(text)
    return (found[1], int(found[2])) if found else None


def is_id(text: str) -> bool:
    """Whether a text is an id of ours."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None
