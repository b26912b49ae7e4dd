"""A Kinesis stream on loopback as AWS's API reference describes it, with what moto leaves out:
records stay in a shard that was split or merged, new ones go to its children, and it comes to an
end."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEYS = 2**128
FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898


@dataclass
class Shard:
    """A shard with the hash keys from `start` to before `end`."""

    number: int
    start: int
    end: int
    parents: list[str] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    closed_at: int | None = None

    @property
    def id(self) -> str:
        return f"shardId-{self.number:012d}"


class Refused(Exception):
    """An error of the API, by its name."""


class FakeKinesis:
    """One stream; `url` is where it is. `horizon` trims all records before that sequence."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.shards = [Shard(0, 0, KEYS)]
        self.sequence = FIRST_SEQUENCE
        self.horizon = 0
        self.shows_end_late = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def next_sequence(self) -> int:
        self.sequence += 17
        return self.sequence

    def shard(self, shard_id: str) -> Shard:
        for shard in self.shards:
            if shard.id == shard_id:
                return shard
        raise Refused("ResourceNotFoundException")

    def put(self, identifier: str) -> None:
        """Add a record with the identifier as its key."""
        key = int(hashlib.md5(identifier.encode()).hexdigest(), 16)  # noqa: S324 - Kinesis's way
        (shard,) = [
            each for each in self.shards if each.closed_at is None and each.start <= key < each.end
        ]
        data = base64.b64encode(json.dumps({"id": identifier}).encode()).decode()
        shard.records.append(
            {"SequenceNumber": str(self.next_sequence()), "Data": data, "PartitionKey": identifier}
        )

    def split(self, shard_id: str) -> None:
        """Split a shard in the middle."""
        shard = self.shard(shard_id)
        middle = (shard.start + shard.end) // 2
        shard.closed_at = self.next_sequence()
        for start, end in ((shard.start, middle), (middle, shard.end)):
            self.shards.append(Shard(len(self.shards), start, end, [shard.id]))

    def merge(self, one_id: str, other_id: str) -> None:
        """Merge two shards that are neighbours."""
        one, other = self.shard(one_id), self.shard(other_id)
        one.closed_at = other.closed_at = self.next_sequence()
        self.shards.append(Shard(len(self.shards), one.start, other.end, [one.id, other.id]))

    def answer(self, operation: str, order: dict[str, Any]) -> dict[str, Any]:
        """An answer of the API."""
        if "StreamName" in order and order["StreamName"] != self.name:
            raise Refused("ResourceNotFoundException")
        if operation == "ListShards":
            return self.list_shards(int(order.get("NextToken", 0)))
        if operation == "GetShardIterator":
            return self.get_shard_iterator(order)
        return self.get_records(order)

    def list_shards(self, begin: int) -> dict[str, Any]:
        """Two shards at a time, the youngest first."""
        shown = []
        for shard in self.shards[::-1][begin : begin + 2]:
            parents = dict(
                zip(("ParentShardId", "AdjacentParentShardId"), shard.parents, strict=False)
            )
            numbers = {"StartingSequenceNumber": str(FIRST_SEQUENCE)}
            if shard.closed_at:
                numbers["EndingSequenceNumber"] = str(shard.closed_at)
            shown.append({"ShardId": shard.id, "SequenceNumberRange": numbers, **parents})
        more = {"NextToken": str(begin + 2)} if begin + 2 < len(self.shards) else {}
        return {"Shards": shown, **more}

    def get_shard_iterator(self, order: dict[str, Any]) -> dict[str, Any]:
        shard, after = self.shard(order["ShardId"]), 0
        if order["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER":
            after = int(order["StartingSequenceNumber"])
            if after < FIRST_SEQUENCE:
                raise Refused("InvalidArgumentException")
        return {"ShardIterator": f"{shard.id}/{after}"}

    def get_records(self, order: dict[str, Any]) -> dict[str, Any]:
        shard_id, after = order["ShardIterator"].split("/")
        shard = self.shard(shard_id)
        left = [
            record
            for record in shard.records
            if int(record["SequenceNumber"]) > max(int(after), self.horizon)
        ]
        given = left[: order["Limit"]]
        last = int(given[-1]["SequenceNumber"]) if given else int(after)
        is_over = shard.closed_at is not None and len(given) == len(left)
        if self.shows_end_late and given:
            is_over = False
        following = {} if is_over else {"NextShardIterator": f"{shard_id}/{last}"}
        return {"Records": given, "MillisBehindLatest": len(left) - len(given), **following}


def _handler(fake: FakeKinesis) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: two would wait for each other.
        wbufsize = -1

        def do_POST(self) -> None:
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                operation = self.headers["X-Amz-Target"].partition(".")[2]
                status, answer = 200, fake.answer(operation, order)
            except Refused as error:
                status, answer = 400, {"__type": str(error), "message": ""}
            body = json.dumps(answer).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
