"""Queues: where messages for others are sent, in SQS or what speaks like it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_TOGETHER = 10
"""Messages of one request to SQS."""

MOST_BYTES_TOGETHER = 262_144
"""Bytes of one request: what SQS took before 2025, and what others like it take still."""

MOST_BYTES = 1_048_576
"""Bytes of one message, its attributes included: more than this no queue takes."""

ABOUT_MESSAGES = frozenset(
    {
        "BatchRequestTooLong",
        "InvalidAttributeValue",
        "InvalidMessageContents",
        "InvalidParameterValue",
        "MissingParameter",
    }
)
"""Codes of errors by which SQS says no to what a request holds; any other is about the queue."""

_REGION = re.compile(r"https?://sqs\.([a-z0-9-]+)\.amazonaws\.com")


class QueueUnavailable(Exception):
    """The queue takes nothing at the moment, and nothing was sent; the text says why, in a word."""


class MessagesRefused(Exception):
    """The queue says no to a message of a request, and nothing was sent; the text is its code."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message with text attributes; `id` is unique among those sent together."""

    id: str
    body: str
    attributes: Mapping[str, str]

    @property
    def size(self) -> int:
        """Its bytes as SQS counts them: body, and name, type and value of each attribute."""
        texts = [self.body]
        for name, value in self.attributes.items():
            texts += [name, "String", value]
        return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one message of several was not sent; `is_refused` when the message itself is at fault."""

    problem: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Queues:
    """All queues in reach; `endpoint` is an SQS-compatible server that takes the place of AWS.

    Credentials are found as AWS's tools find them: in the environment or the machine's role.
    """

    region: str
    endpoint: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    def send(self, url: str, group: str, messages: Sequence[Message]) -> dict[str, Failure]:
        """Send up to MOST_TOGETHER messages; those that failed, by id.

        `group` keeps the order where the queue is a FIFO one. Raises QueueUnavailable and
        MessagesRefused.
        """
        # Imported here: only who sends to queues needs it.
        from botocore.exceptions import BotoCoreError, ClientError

        entries = [_entry(message, group, is_fifo=url.endswith(".fifo")) for message in messages]
        try:
            answer = self._client(url).send_message_batch(QueueUrl=url, Entries=entries)
        except ClientError as error:
            code = str(error.response["Error"]["Code"]).rpartition(".")[2]
            if code in ABOUT_MESSAGES:
                raise MessagesRefused(code) from error
            raise QueueUnavailable(code) from error
        except (BotoCoreError, ValueError) as error:
            raise QueueUnavailable(type(error).__name__) from error
        return {
            failed["Id"]: Failure(failed["Code"], failed["SenderFault"])
            for failed in answer.get("Failed", ())
        }

    def _client(self, url: str) -> Any:
        import boto3
        from botocore.config import Config

        found = _REGION.match(url)
        region = found[1] if found else self.region
        if region not in self._clients:
            self._clients[region] = boto3.client(
                "sqs",
                region_name=region,
                endpoint_url=self.endpoint,
                config=Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 2}),
            )
        return self._clients[region]


def together(messages: Sequence[Message]) -> list[list[Message]]:
    """Messages in their order, in as few requests as SQS allows."""
    requests: list[list[Message]] = []
    size = 0
    for message in messages:
        size += message.size
        if not requests or len(requests[-1]) == MOST_TOGETHER or size > MOST_BYTES_TOGETHER:
            requests.append([])
            size = message.size
        requests[-1].append(message)
    return requests


def _entry(message: Message, group: str, *, is_fifo: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "Id": message.id,
        "MessageBody": message.body,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value}
            for name, value in message.attributes.items()
        },
    }
    if is_fifo:
        entry |= {"MessageGroupId": group, "MessageDeduplicationId": message.id}
    return entry
