"""What tests of imports share: a shop, somebody who sends files, and the worker."""

import io
from dataclasses import replace

from openprofiles.features.invoke import invoker
from openprofiles.features.transfers.sent_running import run_due
from tests.console.conftest import elsewhere
from tests.console.visiting import Visitor

ROWS = b"id,name,mail\n1,Ann,ann@example.com\n2,Bob,\n,Nobody,\n1,Anna,ann@example.com\n"


class Importing:
    """A shop, somebody at the console, and the worker; `elsewhere` are the settings for a data
    directory of their own, with the keys of the shop.
    """

    def __init__(self, shop, make_console, application, clock, folder):
        self.elsewhere = elsewhere(application, folder)
        settings = replace(application.settings, **self.elsewhere)
        self.shop = replace(shop, invoke=invoker(application.database, settings, clock))
        self.folder = folder / "imports"
        self.visitor = Visitor(make_console(auth="open", max_import_bytes=2000, **self.elsewhere))
        self.here = f"/console/domains/{shop.name}/imports"

    def send(self, content=ROWS, name="people.csv", object_type="Customer"):
        file = (io.BytesIO(content), name)
        return self.visitor.post(self.here, on=self.here, type=object_type, file=file)

    def work(self, invoke=None, **given):
        return run_due(invoke or self.shop.invoke, self.shop.caller, self.folder, **given)

    def seen(self, sent):
        return self.visitor.get(sent.location).text

    def all_known(self):
        asked = {"DomainName": self.shop.name}
        return self.shop.invoke("ListFileImports", asked, self.shop.caller)["Items"]

    def known(self):
        return self.all_known()[0]

    def files(self):
        return list(self.folder.iterdir()) if self.folder.exists() else []


def two_at_once(invoke, name, parameters, caller, *, after=lambda _: None):
    answer = invoke(name, parameters, caller)
    after(name)
    return {**answer, "RecordsAtOnce": 2} if name == "StartImport" else answer


def failing_with(invoke, error, name, parameters, caller, *, at="ImportObjects"):
    if name == at:
        raise error
    return invoke(name, parameters, caller)


def die_after_a_batch():
    """What has the worker die behind its first batch, for `two_at_once`."""
    batches: list[str] = []

    def die(name):
        if name == "ImportObjects" and not batches:
            batches.append(name)
            raise KeyboardInterrupt

    return die
