"""Pictures of the console for the README; needs Chromium and a running demo.

python scripts/picture_console.py http://127.0.0.1:8000 USER PASSWORD
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.apps.report.browser import chromium

PICTURES = Path(__file__).resolve().parents[1] / "scripts/pictures"
#: Name, page, language, width and height.
TAKEN = (
    ("console-overview", "/", "en", 1440, 900),
    ("console-alert", "alert", "en", 1440, 1250),
    ("console-alert-zh", "alert", "zh", 1440, 1250),
    ("console-overview-zh", "/", "zh", 1440, 900),
    ("console-tuning", "/tuning?days=7", "en", 1440, 1150),
    ("console-phone", "/", "en", 390, 1100),
    ("console-phone-zh", "alert", "zh", 390, 1100),
)


def main(base: str, user: str, password: str) -> int:
    """Take the pictures."""
    program = os.environ.get("CHROMIUM") or chromium()
    if program is None:
        print("needs Chromium", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(base_url=base)
        page.goto("/login")
        page.fill("[name=name]", user)
        page.fill("[name=password]", password)
        page.click("main button")
        page.wait_for_selector("#headline")
        for name, path, lang, width, height in TAKEN:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"/lang/{lang}?next=/")
            _show(page, path)
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()
    return 0


def _show(page: Page, path: str) -> None:
    if path.startswith("/tuning"):
        page.goto(path)
        page.wait_for_selector("#curve canvas")
    if path == "alert":
        page.locator(".sev-edge-critical a.row").first.click()
        page.wait_for_selector("#figure svg.chart")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
