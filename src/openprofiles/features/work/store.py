"""SQL of the work room: jobs of all kinds as rows of one shape.

Like the stores that copy, seal and expire, it reads the tables of other rooms: it is about rows,
whatever they mean. All of it is of one account, by the domains that are joined.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

from openprofiles.core.ids import LAST, Id
from openprofiles.features.work.job import Job, Kind, Lasting, LastingWork, State
from openprofiles.storage.database import Row, Transaction

Place = tuple[datetime | str, Id]
"""The moment and the id of a job, to list those before it."""

END: Place = ("infinity", LAST)

# Each ends where the domain is asked for.
_KINDS: dict[Kind, LiteralString] = {
    Kind.IDENTITY_RESOLUTION: """
        select job_id as id, null::text as subject, cause,
            case when status = 'PENDING' then 'WAITING'
                when status in ('PREPROCESSING', 'FIND_MATCHING', 'MERGING') then 'RUNNING'
                when status = 'PARTIAL_SUCCESS' then 'PARTIAL'
                when status = 'FAILED' and message = 'The job was cancelled' then 'STOPPED'
                else status end as state,
            status as step,
            (progress ->> 'done')::bigint as done, (progress ->> 'total')::bigint as total,
            jsonb_strip_nulls(jsonb_build_object(
                'Reviewed', statistics -> 'NumberOfProfilesReviewed',
                'MatchesFound', statistics -> 'NumberOfMatchesFound',
                'Merged', statistics -> 'NumberOfMergesDone')) as numbers,
            message, (progress ->> 'attempts')::integer as attempts, starts_at as moment,
            starts_at as due_at,
            case when (progress ->> 'attempts')::integer > 0 then starts_at end as began_at,
            updated_at, ended_at, false as is_apart
        from identity_resolution_jobs where
    """,
    Kind.FILE_IMPORT: """
        select import_id as id, file_imports.object_type as subject, file_name as cause,
            case when retry_at is null then status else 'WAITING' end as state,
            status as step, bytes_done as done, nullif(size, 0) as total,
            jsonb_build_object(
                'Read', coalesce((counts ->> 'read')::bigint, 0),
                'Rejected', coalesce((
                    select sum((value ->> 'count')::bigint)
                    from jsonb_each(counts -> 'rejected')), 0)) as numbers,
            message, nullif(failures, 0) as attempts, file_imports.started_at as moment,
            -- Else what it waits for is the file, which somebody has to send.
            retry_at as due_at,
            file_imports.started_at as began_at,
            greatest(file_imports.started_at, updated_at, ended_at) as updated_at, ended_at,
            false as is_apart
        from file_imports left join imports using (domain_id, import_id) where
    """,
    Kind.COMMAND_IMPORT: """
        select import_id as id, object_type as subject, null::text as cause,
            case when finished_at is not null then 'COMPLETED'
                when updated_at > %(now)s - interval '5 minutes' then 'RUNNING'
                else 'STOPPED' end as state,
            'RUNNING' as step, position as done, null::bigint as total,
            jsonb_build_object(
                'Read', coalesce((counts ->> 'read')::bigint, 0),
                'Rejected', coalesce((
                    select sum((value ->> 'count')::bigint)
                    from jsonb_each(counts -> 'rejected')), 0)) as numbers,
            null::text as message, null::integer as attempts, started_at as moment,
            null::timestamptz as due_at,
            started_at as began_at, updated_at, finished_at as ended_at, true as is_apart
        from imports where not exists (
            select from file_imports as sent
            where sent.domain_id = imports.domain_id and sent.import_id = imports.import_id) and
    """,
    Kind.REPLAY: """
        select replay_id as id, object_type as subject,
            case when is_dry_run then 'dry run' else 'for real' end as cause,
            status as state, status as step,
            (counts ->> 'objects')::bigint as done, nullif(total, 0) as total,
            jsonb_build_object('Changed', coalesce((counts ->> 'changed')::bigint, 0),
                'Rejected', coalesce((counts ->> 'rejected')::bigint, 0)) as numbers,
            message, null::integer as attempts, started_at as moment,
            null::timestamptz as due_at, started_at as began_at,
            updated_at, ended_at, false as is_apart
        from replays where
    """,
    Kind.INTEGRATION_RUN: """
        select run_id as id, uri as subject, cause,
            case when status in ('NOT_STARTED', 'RETRY') then 'WAITING'
                when status in ('IN_PROGRESS', 'SPLIT') then 'RUNNING'
                when status = 'COMPLETE' then 'COMPLETED'
                when status = 'CANCELLED' then 'STOPPED'
                else status end as state,
            status as step, position as done, null::bigint as total,
            jsonb_build_object('Pulled', position, 'Rejected', coalesce((
                select sum((value ->> 'count')::bigint)
                from jsonb_each(counts -> 'rejected')), 0)) as numbers,
            message, attempts, starts_at as moment,
            -- Of the runs of an integration one is due, the next when it has ended.
            case when not exists (
                select from integration_runs as earlier
                where earlier.domain_id = run.domain_id and earlier.uri = run.uri
                    and earlier.run_id < run.run_id and earlier.ended_at is null
            ) then starts_at end as due_at, began_at, updated_at, ended_at,
            workflow_id is not null as is_apart
        from integration_runs as run where
    """,
    Kind.ERASURE: """
        select erasure_id as id, null::text as subject, principal as cause,
            case when finished_at is null then 'RUNNING' else 'COMPLETED' end as state,
            case when finished_at is null then 'LOOKING_THROUGH_REJECTED_OBJECTS'
                else 'DONE' end as step,
            null::bigint as done, null::bigint as total,
            jsonb_build_object('Profiles', cardinality(profile_ids)) as numbers,
            null::text as message, null::integer as attempts, erased_at as moment,
            null::timestamptz as due_at,
            erased_at as began_at, coalesce(finished_at, erased_at) as updated_at,
            finished_at as ended_at, false as is_apart
        from erasures where
    """,
}

_COLUMNS: LiteralString = """
    domains.name, job.id, job.subject, job.cause, job.state, job.step, job.done, job.total,
    job.numbers, job.message, job.attempts, job.moment, job.began_at, job.updated_at,
    job.ended_at, job.is_apart
"""

_DOMAINS: LiteralString = """
    domains.account_id = %(account)s and (%(domain)s::text is null or domains.name = %(domain)s)
"""


def list_page(
    transaction: Transaction,
    account_id: str,
    *,
    domain_name: str | None,
    kinds: Sequence[Kind],
    state: State | None,
    before: Place,
    limit: int,
    now: datetime,
) -> list[Job]:
    """Up to `limit` jobs of an account (of one of its domains), those that start latest first,
    those after `before`.
    """
    latest = _of_each(
        kinds,
        columns=_COLUMNS,
        only="""
            where (%(state)s::text is null or state = %(state)s)
                and (moment, id) < (%(moment)s::timestamptz, %(id)s::uuid)
            order by moment desc, id desc limit %(limit)s
        """,
    )
    rows = transaction.rows(
        latest + " order by moment desc, id desc limit %(limit)s",
        {
            "account": account_id,
            "domain": domain_name,
            "state": state,
            "moment": before[0],
            "id": before[1],
            "limit": limit,
            "now": now,
        },
    )
    return [_job(row) for row in rows]


def find(
    transaction: Transaction, account_id: str, domain_name: str, job_id: Id, *, now: datetime
) -> Job | None:
    """A job of whatever kind by its id."""
    row = transaction.row(
        _of_each(list(Kind), columns=_COLUMNS, only="where id = %(id)s::uuid"),
        {"account": account_id, "domain": domain_name, "id": job_id, "now": now},
    )
    return _job(row) if row else None


def count_states(
    transaction: Transaction, account_id: str, *, since: datetime, now: datetime
) -> list[Row]:
    """(kind, running, due and not begun, the first of these, failed since a moment) of an account:
    of the jobs that have not ended, or did since that moment.
    """
    columns: LiteralString = """
        count(*) filter (where state = 'RUNNING'),
        count(*) filter (where state = 'WAITING' and due_at <= %(now)s),
        min(due_at) filter (where state = 'WAITING' and due_at <= %(now)s),
        count(*) filter (where state = 'FAILED' and ended_at >= %(since)s)
    """
    return transaction.rows(
        _of_each(
            list(Kind), columns=columns, only="where ended_at is null or ended_at >= %(since)s"
        ),
        {"account": account_id, "domain": None, "since": since, "now": now},
    )


def list_lasting(
    transaction: Transaction, account_id: str, *, domain_name: str | None
) -> list[LastingWork]:
    """What is done to domains as a whole at the moment."""
    rows = transaction.rows(
        f"""
        select %(encryption)s, name, 'RUNNING', rows, null::bigint, started_at, work.updated_at
        from encryption_work as work join domains using (domain_id) where {_DOMAINS}
        union all
        select %(rules)s, name, case status when 'PENDING' then 'WAITING' else 'RUNNING' end,
            profiles, (
                select sum(counts.profiles)::bigint from domain_counts as counts
                where counts.domain_id = work.domain_id),
            started_at, work.updated_at
        from rule_states as work join domains using (domain_id)
        where {_DOMAINS} and (status in ('PENDING', 'DISABLED') or (status = 'IN_PROGRESS' and (
            position <> %(last)s or exists (
                select from rule_merges_due as due where due.domain_id = work.domain_id))))
        union all
        select %(index)s, name, 'RUNNING', null, null, null, null
        from match_index_work as work join domains using (domain_id) where {_DOMAINS}
        order by 2, 1
        """,  # noqa: S608 (a condition of the program)
        {
            "account": account_id,
            "domain": domain_name,
            "encryption": Lasting.ENCRYPTION.value,
            "rules": Lasting.RULES.value,
            "index": Lasting.MATCH_INDEX.value,
            "last": LAST,
        },
    )
    return [
        LastingWork(
            kind=Lasting(kind),
            domain_name=name,
            state=State(state),
            done=done,
            total=total,
            began_at=began_at,
            updated_at=updated_at,
        )
        for kind, name, state, done, total, began_at, updated_at in rows
    ]


def _of_each(
    kinds: Sequence[Kind], *, columns: LiteralString, only: LiteralString
) -> LiteralString:
    """One query of jobs of several kinds, `only` some of each domain's."""
    one: LiteralString = """
        select '{}' as kind, {} from domains cross join lateral (
            select job.* from ({} domain_id = domains.domain_id) as job {}
        ) as job where {}
    """
    return " union all ".join(
        one.format(kind.value, columns, _KINDS[kind], only, _DOMAINS) for kind in kinds
    )


def _job(row: Row) -> Job:
    kind, name, job_id, subject, cause, state, step, done, total, numbers, message, *rest = row
    attempts, moment, began_at, updated_at, ended_at, is_apart = rest
    return Job(
        kind=Kind(kind),
        id=job_id,
        domain_name=name,
        subject=subject,
        cause=cause,
        state=State(state),
        step=step,
        done=done,
        total=total,
        numbers=numbers,
        message=message,
        attempts=attempts,
        moment=moment,
        began_at=began_at,
        updated_at=updated_at,
        ended_at=ended_at,
        is_apart=is_apart,
    )
