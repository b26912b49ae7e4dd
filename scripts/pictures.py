"""Pictures of the console with the demo in it: python -m scripts.pictures [URL]

Every page goes into build/pictures, wide, narrow and dark, to be looked at; those that the guide
shows go into docs/pictures, too. Says which pages fail, complain, or are wider than the screen, and
which the demo does not have.
"""

import argparse
import base64
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from scripts.guide_pictures import GUIDE, Shot
from scripts.tour import addresses, chromium, demo, located, places
from tests.console.browser.places.place import Place
from tests.console.browser.watching import AT_REST

ROOT = Path(__file__).parent.parent
EVERYTHING, SHOWN = ROOT / "build" / "pictures", ROOT / "docs" / "pictures"
SHAPES: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "narrow": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}
QUALITY = 0.82
AS_WEBP = """async ([png, quality]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""
"""The browser packs pictures tighter than its own screenshots are."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A browser in one shape; `desk` is an empty page where pictures are packed."""

    page: Page
    desk: Page
    complaints: list[str]

    def open(self, url: str) -> str | None:
        """Go to a page; what is wrong with it."""
        self.complaints.clear()
        # Not until the network is idle: pages of what is under way ask again and again.
        answer = self.page.goto(url, wait_until="load")
        self.page.wait_for_function(f"() => {AT_REST}")
        status = answer.status if answer else 0
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong = [f"status {status}"] if status != 200 else []
        wrong += [f"{wide} pixels wider than the screen"] if wide > 0 else []
        return "; ".join([*wrong, *self.complaints]) or None

    def shoot(self, path: Path, *, whole: bool) -> None:
        """Write what is seen, or the whole page, as WebP."""
        png = base64.b64encode(self.page.screenshot(full_page=whole)).decode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.desk.evaluate(AS_WEBP, [png, QUALITY])))


def main() -> int:
    """Take all pictures; 1 when a page is not as it should be."""
    parser = argparse.ArgumentParser(prog="scripts.pictures", description=__doc__)
    parser.add_argument("url", nargs="?", help="a running demo; one is started without")
    given = parser.parse_args()
    shutil.rmtree(EVERYTHING, ignore_errors=True)
    shutil.rmtree(SHOWN, ignore_errors=True)
    with demo(given.url) as url, chromium() as browser:
        found = addresses(url, [place.rule for place in places()])
        here, left_out = located(found)
        wrong = [line for shape in SHAPES for line in _take_all(browser, url, here, shape=shape)]
        for shot in GUIDE:
            _take(browser, url, found, shot)
    said = [*left_out, *(wrong or ["All pages are as they should be"])]
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


def _take_all(browser: Browser, url: str, here: dict[Place, str], *, shape: str) -> Iterator[str]:
    """Pictures of all places in a shape; yields what is wrong with them."""
    with _camera(browser, shape) as camera:
        for place, address in here.items():
            if problem := camera.open(url + address):
                yield f"{shape} {address}: {problem}"
            camera.shoot(EVERYTHING / shape / f"{_name(place)}.webp", whole=True)


def _name(place: Place) -> str:
    """What a picture is called: the words of the place's address."""
    words = re.findall(r"\w+", f"{place.rule} {place.query}".replace("<domain_name>", ""))
    return "-".join(words) or "home"


def _take(browser: Browser, url: str, found: dict[str, str], shot: Shot) -> None:
    """A picture of the guide."""
    with _camera(browser, shot.shape) as camera:
        path = shot.path or found.get(shot.rule)
        if path is None:
            raise SystemExit(f"The guide shows {shot.rule}, and no link leads there")
        camera.open(f"{url}{path}{shot.query}")
        shot.prepare(camera.page)
        camera.shoot(SHOWN / f"{shot.name}.webp", whole=False)


@contextmanager
def _camera(browser: Browser, shape: str) -> Iterator[Camera]:
    context = browser.new_context(**SHAPES[shape], locale="en-GB", timezone_id="Europe/Berlin")
    complaints: list[str] = []
    page = context.new_page()
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Camera(page, context.new_page(), complaints)
    context.close()


if __name__ == "__main__":
    raise SystemExit(main())
