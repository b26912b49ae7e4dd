"""Static files: what they are, and how long browsers keep them."""

import base64
import gzip
import hashlib
import json
import re

import pytest

from openprofiles.console import assets, pages
from openprofiles.console.rendering import Page

VENDORED = json.loads((assets.FOLDER / "vendor" / "vendored.json").read_text("utf-8"))
LARGEST_STYLE = 20_000
assert pages.BLUEPRINTS


def test_a_page_names_its_files_by_their_content(anybody):
    addresses = re.findall(r'(?:href|src)="(/console/static/[^"]+)"', anybody.get("/console/").text)

    assert len(addresses) == 3
    for address in addresses:
        answer = anybody.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert hashlib.sha256(answer.data).hexdigest()[:12] in address


def test_files_are_sent_packed_to_browsers_that_can(anybody):
    address = f"/console/static/{assets.address_of('console.js')}"
    plain, packed = anybody.get(address), anybody.get(address, Accept_Encoding="gzip")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data


def test_a_page_has_its_styles_in_it_and_its_policy_allows_no_others(anybody):
    answer = anybody.get("/console/")
    found = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()) for style in found]

    [allowed] = re.findall(r"style-src ([^;]+);", answer.headers["Content-Security-Policy"])
    assert (assets.FOLDER / "console.css").read_text("utf-8") in found
    assert {f"'sha256-{digest.decode()}'" for digest in digests} <= set(allowed.split())
    assert all(source.startswith("'sha256-") for source in allowed.split())


@pytest.mark.parametrize(
    "path", ["console.css", "console.js", "../rendering.py", "vendor/vendored.json", ""]
)
def test_nothing_else_is_served(anybody, path):
    assert anybody.get(f"/console/static/{path}").status_code == 404


@pytest.mark.parametrize("vendored", VENDORED, ids=lambda vendored: vendored["file"])
def test_a_file_of_others_is_the_one_of_their_package(vendored):
    """`scripts/vendor` takes it from there; whoever changes it here is found out."""
    content = (assets.FOLDER / "vendor" / vendored["file"]).read_bytes()

    assert hashlib.sha256(content).hexdigest() == vendored["sha256"]
    assert (assets.FOLDER / "vendor" / vendored["licence_file"]).exists()
    assert {"package", "version", "path", "licence"} <= vendored.keys()


def test_each_file_of_others_is_listed():
    files = {path.name for path in (assets.FOLDER / "vendor").iterdir()}
    known = {vendored[key] for vendored in VENDORED for key in ("file", "licence_file")}

    assert files == known | {"vendored.json"}


@pytest.mark.parametrize("path", sorted(assets.FOLDER.glob("*.css")), ids=lambda path: path.name)
def test_a_stylesheet_stays_small_and_calls_nobody(path):
    style = path.read_text("utf-8")

    assert len(style.encode()) < LARGEST_STYLE
    assert "url(" not in style
    assert "<" not in style
    assert "@import" not in style


def test_each_file_is_part_of_a_page():
    named = {name for kind in Page.__subclasses__() for name in kind.files}
    own = {path.name for path in assets.FOLDER.glob("*.*s*")} - {"icon.svg"}

    assert own == {"console.css", "console.js"} | named
