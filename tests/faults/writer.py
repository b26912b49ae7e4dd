"""A client process: threads that write without end and note what became of each write.

`python -m tests.faults.writer PORT NAME THREADS SEED LOG`, which signs by the key in the variables
of the environment that AWS's programs read, obeys lines on its input: `go`, `pause`
(it says `paused` when no request is under way), `stop`. Each line of the log is a `Note`: what a
thing must be by now, or, when the answer did not come, what it may be. A thing whose state is in
doubt is not written again, so that what a stopped server does later cannot surprise.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.acceptance.first_key import Key
from tests.faults.world import MAIN, OWN, RULED, Http, NotSent, Unclear, Wrong, path_of

BREATH_SECONDS = 0.004
"""Between two requests of a thread: the load is to be mixed, not heavy."""
SHARED = 40
"""Keys that all writers share."""


class Log:
    """The notes of all threads of a process, a line each, in the file before the next request."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def note(self, about: str, state: Any, *, request: str | None) -> None:
        """`state` is what `about` is now; without a `request` id, what it may be."""
        line = json.dumps({"about": about, "state": state, "request": request})
        with self._lock:
            self._file.write(line + "\n")


class Writer:
    """One thread's writes, on things of its own and on keys that it shares."""

    def __init__(self, http: Http, name: str, seed: int, log: Log, may_go: threading.Event) -> None:
        self._http = http
        self._name = name
        self._random = random.Random(f"{seed} {name}")
        self._log = log
        self._may_go = may_go
        self._number = 0
        self._accounts: dict[str, int] = {}
        self._profiles: dict[str, dict[str, Any]] = {}
        self.is_idle = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Write until told to stop; wait while told to pause."""
        acts = [
            (self._put_new, 5), (self._put_again, 4), (self._delete_object, 1),
            (self._visit, 4), (self._visit_in_batch, 1), (self._reject, 1),
            (self._create, 3), (self._update, 3), (self._delete, 1), (self._key, 2),
            (self._merge, 1), (self._pair, 1),
        ]  # fmt: skip
        kinds = [act for act, weight in acts for _ in range(weight)]
        while not stop.is_set():
            if not self._may_go.is_set():
                self.is_idle.set()
                self._may_go.wait(0.2)
                continue
            self.is_idle.clear()
            try:
                self._random.choice(kinds)()
            except Unclear:
                time.sleep(0.05)
            except Wrong as error:
                self._log.note("wrong", str(error), request="")
            time.sleep(BREATH_SECONDS)
        self.is_idle.set()

    def _new_id(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number}"

    def _write(
        self,
        about: str,
        state: Any,
        request: tuple[Any, ...],
        state_of: Callable[[Any], tuple[str, Any]] | None = None,
    ) -> Any:
        """Do a request and note what it made of `about`; passes Unclear on after a note."""
        try:
            answer = self._http.call(*request)
        except NotSent:
            raise
        except Unclear:
            self._log.note(about, state, request=None)
            raise
        if state_of is not None:
            about, state = state_of(answer)
        self._log.note(about, state, request=answer["RequestId"])
        return answer

    def _put(self, type_name: str, content: dict[str, Any]) -> tuple[Any, ...]:
        body = {"ObjectTypeName": type_name, "Object": json.dumps(content)}
        return ("PUT", path_of(MAIN, "/profiles/objects"), body)

    def _put_new(self) -> None:
        self._put_account(self._new_id(), 1)

    def _put_again(self) -> None:
        if self._accounts:
            account = self._random.choice(list(self._accounts))
            self._put_account(account, self._accounts[account] + 1)

    def _put_account(self, account: str, version: int) -> None:
        # Gone from what is known, and back when the answer has come.
        self._accounts.pop(account, None)
        content = {"id": account, "version": str(version)}
        self._write(f"Account/{account}", content, self._put("Account", content))
        self._accounts[account] = version
        if self._random.random() < 0.2:
            self._look(account, str(version))

    def _look(self, account: str, version: str) -> None:
        """A call that was acknowledged is seen by the next one, on whatever worker."""
        self._http.close()
        body = {"KeyName": "_account", "Values": [account]}
        found = self._http.call("POST", path_of(MAIN, "/profiles/search"), body)["Items"]
        versions = [item.get("Attributes", {}).get("version") for item in found]
        if versions != [version]:
            raise Wrong(f"Account {account}: put {version}, found {versions}")

    def _find(self, account: str) -> str:
        body = {"KeyName": "_account", "Values": [account]}
        items = self._http.call("POST", path_of(MAIN, "/profiles/search"), body)["Items"]
        if len(items) != 1:
            raise Wrong(f"Account {account} is on {len(items)} profiles")
        return str(items[0]["ProfileId"])

    def _delete_object(self) -> None:
        if not self._accounts:
            return
        account = self._random.choice(list(self._accounts))
        profile = self._find(account)
        listed = {"ProfileId": profile, "ObjectTypeName": "Account"}
        items = self._http.call("POST", path_of(MAIN, "/profiles/objects"), listed)["Items"]
        if len(items) != 1:
            raise Wrong(f"Account {account} has {len(items)} objects")
        del self._accounts[account]
        body = {**listed, "ProfileObjectUniqueKey": items[0]["ProfileObjectUniqueKey"]}
        request = ("POST", path_of(MAIN, "/profiles/objects/delete"), body)
        self._write(f"Account/{account}", None, request)

    def _visit_content(self) -> dict[str, str]:
        return {"id": self._new_id(), "mail": f"shared{self._random.randrange(SHARED)}"}

    def _visit(self) -> None:
        content = self._visit_content()
        self._write(f"Visit/{content['id']}", content, self._put("Visit", content))

    def _visit_in_batch(self) -> None:
        contents = [self._visit_content() for _ in range(8)]
        items = [{"Id": each["id"], "Object": json.dumps(each)} for each in contents]
        body = {"ObjectTypeName": "Visit", "Items": items}
        request_id = None
        try:
            answer = self._http.call(
                "PUT", path_of(MAIN, "/profiles/objects/batch-put-profile-object"), body
            )
            request_id = answer["RequestId"]
            if answer.get("Failed"):
                raise Wrong(f"A batch failed: {answer['Failed']}")
        finally:
            for each in contents:
                self._log.note(f"Visit/{each['id']}", each, request=request_id)

    def _reject(self) -> None:
        content = {"id": self._new_id(), "nobody": self._new_id()}
        self._write(f"rejected/{content['id']}", content, self._put("Order", content))

    def _create(self) -> None:
        number = self._new_id()
        body = {"AccountNumber": number, "LastName": "1"}
        answer = self._write(
            f"created/{number}", None, ("POST", path_of(MAIN, "/profiles"), body),
            lambda answer: (f"profile/{answer['ProfileId']}", {"LastName": "1", "key": None}),
        )  # fmt: skip
        self._profiles[answer["ProfileId"]] = {"LastName": "1", "key": None}

    def _take(self) -> tuple[str, dict[str, Any]] | None:
        """A profile that nobody else writes to; put back by who has written to it."""
        if not self._profiles:
            return None
        profile = self._random.choice(list(self._profiles))
        return profile, self._profiles.pop(profile)

    def _change(self, profile: str, state: dict[str, Any], request: tuple[Any, ...]) -> None:
        self._write(f"profile/{profile}", state, request)
        self._profiles[profile] = state

    def _update(self) -> None:
        if taken := self._take():
            profile, state = taken
            state = {**state, "LastName": str(int(state["LastName"]) + 1)}
            body = {"ProfileId": profile, "LastName": state["LastName"]}
            self._change(profile, state, ("PUT", path_of(MAIN, "/profiles"), body))

    def _key(self) -> None:
        if taken := self._take():
            profile, state = taken
            held = state["key"]
            value = held or self._new_id()
            body = {"ProfileId": profile, "KeyName": "visitMail", "Values": [value]}
            path = path_of(MAIN, "/profiles/keys/delete" if held else "/profiles/keys")
            self._change(profile, {**state, "key": None if held else value}, ("POST", path, body))

    def _delete(self) -> None:
        if taken := self._take():
            body = {"ProfileId": taken[0]}
            request = ("POST", path_of(MAIN, "/profiles/delete"), body)
            self._write(f"profile/{taken[0]}", None, request)

    def _merge(self) -> None:
        """Two profiles become one, and half of the times two again."""
        if len(self._profiles) < 2:
            return
        main, other = self._random.sample(list(self._profiles), 2)
        state, lost = self._profiles.pop(main), self._profiles.pop(other)
        body = {"MainProfileId": main, "ProfileIdsToBeMerged": [other]}
        request = ("POST", path_of(MAIN, "/profiles/objects/merge"), body)
        self._write(f"profile/{other}", {"into": main}, request)
        self._profiles[main] = state
        if self._random.random() < 0.5:
            del self._profiles[main]
            path = f"{OWN}{path_of(MAIN, '/merges')}"
            merges = self._http.call("GET", path, None, ProfileId=other)["Items"]
            undo: tuple[Any, ...] = ("POST", f"{path}/{merges[0]['MergeId']}/undo", {})
            self._write(f"profile/{other}", lost, undo)
            self._profiles |= {main: state, other: lost}

    def _pair(self) -> None:
        """Two profiles that a rule makes one."""
        mail = f"{self._new_id()}@example.com"
        for name in ("one", "other"):
            body = {"EmailAddress": mail, "FirstName": name}
            self._write(f"pair/{mail}", name, ("POST", path_of(RULED, "/profiles"), body))


def main() -> None:
    """Obey the lines on standard input."""
    port, name, threads, seed, path = sys.argv[1:]
    key = Key(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    log, may_go, stop = Log(Path(path)), threading.Event(), threading.Event()
    writers = [
        Writer(Http(int(port), key), f"{name}-{number}", int(seed), log, may_go)
        for number in range(int(threads))
    ]
    running = [threading.Thread(target=writer.run, args=[stop]) for writer in writers]
    for thread in running:
        thread.start()
    for line in sys.stdin:
        order = line.strip()
        if order == "go":
            may_go.set()
            continue
        may_go.clear()
        for writer in writers:
            writer.is_idle.clear()
            writer.is_idle.wait()
        print("paused", flush=True)  # noqa: T201 (it is what our starter waits for)
        if order == "stop":
            break
    stop.set()
    for thread in running:
        thread.join()


if __name__ == "__main__":
    main()
