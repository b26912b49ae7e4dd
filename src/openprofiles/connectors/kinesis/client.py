"""Requests to a Kinesis stream, by botocore, whose failures are SourceErrors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader
from botocore.session import Session

from openprofiles.connectors.aws_credentials import NAMES, require_whole_key
from openprofiles.connectors.connector import SourceRefused, SourceUnavailable
from openprofiles.connectors.reaching import require_no_place_of_ones_own

DEFAULT_REGION = "us-east-1"
ATTEMPTS = 4
"""Of each request; botocore waits longer before each further one."""

NOT_NOW = {
    "InternalFailure",
    "KMSThrottlingException",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "ServiceUnavailable",
    "ThrottlingException",
}
"""Errors that pass, beside those with a status of 5xx."""


class IteratorExpired(Exception):
    """A place in a shard was kept for more than five minutes; it must be looked up anew."""


class SequenceUnknown(Exception):
    """A shard has no such place, or no longer."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a stream, with those it came from when the stream was split or merged."""

    id: str
    parents: tuple[str, ...]
    is_closed: bool
    """Whether no record will be added."""


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A record and its place in its shard."""

    sequence: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """Some records of a shard; `next_iterator` is None behind the last of a closed one."""

    records: list[StreamRecord]
    next_iterator: str | None
    is_at_end: bool
    """Whether there is nothing newer."""


class Stream:
    """A stream by its name or ARN. Every method raises SourceError."""

    def __init__(self, name: str, settings: Mapping[str, str]) -> None:
        self.name = name
        if settings.get("endpoint"):
            require_no_place_of_ones_own("endpoint")
        is_arn = name.startswith("arn:")
        self._identity = {"StreamARN" if is_arn else "StreamName": name}
        region = settings.get("region") or (name.split(":")[3] if name.count(":") > 4 else None)
        require_whole_key(settings)
        try:
            session = Session()
            session.register_component("data_loader", _descriptions())
            self._client = session.create_client(
                "kinesis",
                region_name=region or session.get_config_variable("region") or DEFAULT_REGION,
                **{f"aws_{name}": settings.get(name) or None for name in NAMES},
                endpoint_url=settings.get("endpoint") or None,
                config=Config(
                    connect_timeout=10,
                    read_timeout=60,
                    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                ),
            )
        except (BotoCoreError, ValueError):
            # Without the cause, whose text may quote a setting.
            raise SourceRefused("The settings of the stream cannot be meant") from None

    def shards(self) -> list[Shard]:
        """All shards that still have records, those that others came from first."""
        found: dict[str, Shard] = {}
        for page in self._pages():
            for each in page:
                parents = (each.get("ParentShardId"), each.get("AdjacentParentShardId"))
                is_closed = "EndingSequenceNumber" in each.get("SequenceNumberRange", {})
                shard = Shard(self._part(each, "ShardId"), tuple(filter(None, parents)), is_closed)
                found[shard.id] = shard
        ordered: dict[str, Shard] = {}

        def add(shard: Shard) -> None:
            for parent in shard.parents:
                if parent in found and parent not in ordered:
                    add(found[parent])
            ordered[shard.id] = shard

        for shard in found.values():
            add(shard)
        return list(ordered.values())

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        order: dict[str, Any] = {**self._identity}
        while order:
            answer = self._ask(self._client.list_shards, order)
            yield self._part(answer, "Shards")
            token = answer.get("NextToken")
            # The token stands for the stream, too.
            order = {"NextToken": token} if token else {}

    def iterator(self, shard: str, sequence: str | None) -> str:
        """A place in a shard: behind a record, or before the first. Raises SequenceUnknown."""
        order = {**self._identity, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        if sequence is not None:
            order["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER"
            order["StartingSequenceNumber"] = sequence
        answer = self._ask(self._client.get_shard_iterator, order)
        return str(self._part(answer, "ShardIterator"))

    def records(self, iterator: str, limit: int) -> Answer:
        """The records from a place on. Raises IteratorExpired."""
        order: dict[str, Any] = {"ShardIterator": iterator, "Limit": limit}
        if "StreamARN" in self._identity:
            order.update(self._identity)
        answer = self._ask(self._client.get_records, order)
        records = [
            StreamRecord(self._part(each, "SequenceNumber"), self._part(each, "Data"))
            for each in self._part(answer, "Records")
        ]
        # A full answer may be followed by more of the same millisecond.
        is_at_end = not answer.get("MillisBehindLatest") and len(records) < limit
        return Answer(records, answer.get("NextShardIterator"), is_at_end)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(
        self, operation: Callable[..., Mapping[str, Any]], order: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        try:
            return operation(**order)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
        except (BotoCoreError, ValueError):
            # Without the cause, whose text has the address; ValueError is an answer cut off.
            raise SourceUnavailable(f"Stream {self.name} cannot be reached") from None
        if code == "ExpiredIteratorException":
            raise IteratorExpired
        if code == "InvalidArgumentException" and "StartingSequenceNumber" in order:
            raise SequenceUnknown
        if status >= 500 or code in NOT_NOW:
            raise SourceUnavailable(f"Stream {self.name} does not answer at the moment")
        if code == "ResourceNotFoundException":
            raise SourceRefused(f"There is no stream {self.name}")
        raise SourceRefused(f"Stream {self.name} cannot be read with these credentials or settings")

    def _part(self, answer: Mapping[str, Any], name: str) -> Any:
        """A member that each answer has; boto3 lets pass what is no JSON at all."""
        if name not in answer:
            raise SourceUnavailable(f"Stream {self.name} gave an answer that is none")
        return answer[name]


@cache
def _descriptions() -> Loader:
    """What botocore knows of AWS. To read it takes more than a tenth of a second, and every session
    of its own, as a connection needs for its credentials, would read it again.
    """
    return create_loader()
