"""A domain with a key leaves in the clear, as who exports it wants it, and comes back sealed."""

from pathlib import Path

import pytest

from openprofiles.features.transfers import archive
from tests.features.encryption.conftest import LOCAL_KEY
from tests.features.encryption.test_nothing_in_the_clear import VALUES, leaks, live
from tests.features.profiles.conftest import World
from tests.own import Own


@pytest.fixture
def copy_of(invoke, caller, tmp_path):
    """A function that exports a domain and makes another of it; the archive's folder."""

    def run(domain: str, name: str) -> Path:
        path = tmp_path / name
        watch = {"Watch": lambda *_: None}
        invoke("ExportDomain", {"DomainName": domain, "Path": path, **watch}, caller)
        contents = archive.check(path)
        invoke(
            "ImportDomain",
            {"DomainName": name, "Path": path, "Contents": contents, **watch},
            caller,
        )
        return path

    return run


def test_an_archive_is_in_the_clear_and_its_copy_is_sealed_and_lives_on(
    client, sealed_domain, copy_of, every_text, application
):
    main = live(World(client, sealed_domain))

    path = copy_of(sealed_domain, f"{sealed_domain}-copy")

    texts = b"\n".join(content for _, content in archive.files(path)).decode().lower()
    assert leaks(texts) == set(VALUES.values())
    assert leaks(every_text()) == set()
    copy = World(client, f"{sealed_domain}-copy")
    original = World(client, sealed_domain)
    assert copy.get(main) == original.get(main)
    assert copy.only("_account", VALUES["card"])["ProfileId"] == main
    for name in ("Customer", "Thing"):
        assert copy.objects(name, main) == original.objects(name, main) != []
    copy.put("Customer", {"id": VALUES["account"], "mail": VALUES["mail"]})
    assert copy.only("_email", VALUES["mail"])["ProfileId"] == main
    own = Own(application.wsgi, copy.name)
    rejected = [item["ObjectTypeName"] for item in own.get("/rejected-objects")["Items"]]
    assert rejected == ["Thing"]


def test_a_merge_is_undone_in_a_copy_of_a_domain_with_a_key(
    client, sealed_domain, copy_of, application
):
    main = live(World(client, sealed_domain))
    copy_of(sealed_domain, f"{sealed_domain}-copy")
    copy = World(client, f"{sealed_domain}-copy")
    own = Own(application.wsgi, copy.name)
    (merge,) = own.get("/merges")["Items"]

    own.post(f"/merges/{merge['MergeId']}/undo")

    assert copy.only("_account", VALUES["card"])["ProfileId"] != main
    assert len(copy.search("_phone", VALUES["phone"])) == 2


def test_a_copy_of_a_domain_keeps_its_key_in_its_configuration(client, sealed_domain, copy_of):
    live(World(client, sealed_domain))

    copy_of(sealed_domain, f"{sealed_domain}-copy")

    found = client.get_domain(DomainName=f"{sealed_domain}-copy")
    assert found["DefaultEncryptionKey"] == LOCAL_KEY
