"""Static files: scripts, whose content is in their address, so that browsers keep them for a year;
and stylesheets, which stand in the page.

A browser shows nothing before it has the styles, and asking for them takes it longer than the rest
of a page. The content security policy allows these styles only, by their digests.
"""

import base64
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from openprofiles.console.public import public

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOREVER = "public, max-age=31536000, immutable"

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, packed once."""

    content: bytes
    packed: bytes
    content_type: str


def _load(folder: Path) -> tuple[Mapping[str, str], Mapping[str, Asset]]:
    """The address of each file by its name, and the files by their addresses."""
    addresses: dict[str, str] = {}
    assets: dict[str, Asset] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in TYPES:
            continue
        content = path.read_bytes()
        name = path.relative_to(folder).as_posix()
        digest = hashlib.sha256(content).hexdigest()[:12]
        address = f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
        addresses[name] = address
        assets[address] = Asset(content, gzip.compress(content, 9, mtime=0), TYPES[path.suffix])
    return addresses, assets


ADDRESSES, ASSETS = _load(FOLDER)
STYLES: Mapping[str, str] = {
    path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.css"))
}


def _source_of(style: str) -> str:
    digest = hashlib.sha256(style.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


STYLE_SOURCES = " ".join(map(_source_of, STYLES.values()))
"""What a content security policy says to allow them (CSP Level 3, §2.3.1)."""


def address_of(name: str) -> str:
    """The address, below that of the static files, of the one called `name`; KeyError for none."""
    return ADDRESSES[name]


def style_of(name: str) -> Markup:
    """The stylesheet called `name` as a part of a page; KeyError for none."""
    return Markup("<style>{}</style>").format(Markup(STYLES[name]))  # noqa: S704 (our own file)


@blueprint.get("/static/<path:address>")
@public
def file(address: str) -> Response:
    """A static file."""
    asset = ASSETS.get(address)
    if asset is None:
        raise NotFound
    response = Response(asset.content, content_type=asset.content_type)
    if request.accept_encodings["gzip"]:
        response = Response(asset.packed, content_type=asset.content_type)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOREVER
    response.headers["Vary"] = "Accept-Encoding"
    return response
