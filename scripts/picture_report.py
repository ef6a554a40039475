"""Pictures of the first look's report for the README; needs Chromium. Run after `make run`."""

import base64
import sys
import tempfile
from pathlib import Path

from tests.apps.report.browser import Page, browser, chromium

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "var/first-look/report/report.html"
PICTURES = ROOT / "scripts/pictures"
BOX = """(() => {{
  const found = document.evaluate(`{}`, document, null, 9, null).singleNodeValue;
  const box = found.getBoundingClientRect();
  return [box.x + scrollX, box.y + scrollY, box.right + scrollX, box.bottom + scrollY];
}})()"""
OVERVIEW = "//section[@id='overview']"
COPY = "//article[contains(., 'north-shaft and main-shaft')]"
LOOP = "//div[@class='camera'][contains(., 'gallery-3')]"


def main() -> int:
    """Take the pictures."""
    program = chromium()
    if program is None or not REPORT.exists():
        print("needs Chromium and the report that `make run` makes", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, browser(program, Path(profile)) as page:
        page.open(REPORT.as_uri(), 1440)
        left, _, right, bottom = page.value(BOX.format(OVERVIEW))
        _take(page, (left - 24, 0, right + 24, bottom + 16), "report.png")
        left, top, right, bottom = page.value(BOX.format(COPY))
        _take(page, (left - 24, top - 16, right + 24, bottom + 16), "finding.png", 0.75)
        page.open(REPORT.as_uri(), 390)
        _, top, _, _ = page.value(BOX.format(LOOP))
        _take(page, (0, top - 12, 390, top + 900), "phone.png")
    return 0


def _take(
    page: Page, corners: tuple[float, float, float, float], name: str, scale: float = 1.0
) -> None:
    left, top, right, bottom = corners
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top, "scale": scale}
    shot = page.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
    (PICTURES / name).write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    sys.exit(main())
