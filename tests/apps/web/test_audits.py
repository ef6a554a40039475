"""Audits that are started in the console."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import expect

from detector.apps.web.audits import jobs as jobs_of
from tests.apps.web.conftest import Opener, signed_in
from tests.apps.web.making import Hall
from tests.servers import eventually


def readings(path: Path) -> Path:
    """A CSV of a day, in which a sensor is held for hours."""
    value = np.random.default_rng(3).normal(1.0, 0.1, 1440)
    value[600:1000] = value[600]
    rows = (f"2026-01-02T{i // 60:02}:{i % 60:02}:00Z,{v:.3f}" for i, v in enumerate(value))
    path.write_text("\n".join(["time,gas", *rows]), "utf-8")
    return path


def test_a_folder_is_audited_and_its_report_opened(client: httpx.Client, hall: Hall) -> None:
    readings(hall.folder / "recordings" / "gas.csv")
    csrf = signed_in(client, "chen")
    assert client.post("/audits", data={"csrf": csrf, "folder": "."}).status_code == 303
    jobs = jobs_of(hall.room)
    eventually(lambda: jobs.all()[0].state != "running", 120.0)
    jobs.wait()
    (audit,) = jobs.all()
    assert (audit.state, audit.status, audit.by) == ("finished", 1, "chen")
    assert audit.findings >= 1
    page = client.get("/audits").text
    address = f"/audits/{audit.id}/report.html"
    assert address in page
    report = client.get(address)
    assert report.status_code == 200 and "sandbox" in report.headers["content-security-policy"]
    for path in ("..%2Fjob.json", "..%2F..%2Fsite.toml", "%2Fetc%2Fpasswd", "nothing.html"):
        assert client.get(f"/audits/{audit.id}/{path}").status_code == 404
    signed_in(client, "wang")  # of one mine only, and it is not theirs
    assert audit.id not in client.get("/audits").text
    assert client.get(address).status_code == 404
    assert hall.entries("audit_started")[0].document["by"] == "chen"


def test_files_are_uploaded_under_plain_names(client: httpx.Client, hall: Hall) -> None:
    csv = readings(hall.folder / "a.csv").read_bytes()
    csrf = signed_in(client, "wang")
    files = [("files", (name, csv, "text/csv")) for name in ("../../up.csv", "a\\b.csv", ".x.csv")]
    assert client.post("/audits", data={"csrf": csrf}, files=files).status_code == 303
    (folder,) = (hall.folder / "audits").iterdir()
    assert {p.name for p in (folder / "upload").iterdir()} == {"up.csv", "b.csv", "x.csv"}
    assert client.post("/audits", data={"csrf": csrf}, files=files).status_code == 422  # one runs
    jobs = jobs_of(hall.room)
    client.post(f"/audits/{folder.name}/cancel", data={"csrf": csrf})
    eventually(lambda: jobs.all()[0].state != "running", 120.0)
    jobs.wait()


@pytest.mark.parametrize("named", ["..", "/etc", "nothing", "../site.toml", "a\0b"])
def test_only_what_is_below_the_folder_is_audited(
    client: httpx.Client, hall: Hall, named: str
) -> None:
    csrf = signed_in(client, "chen")
    assert client.post("/audits", data={"csrf": csrf, "folder": named}).status_code == 422
    assert list((hall.folder / "audits").glob("*")) == []


def test_who_may_start_one(client: httpx.Client, hall: Hall) -> None:
    csrf = signed_in(client, "li")
    assert client.post("/audits", data={"csrf": csrf, "folder": "."}).status_code == 403
    csrf = signed_in(client, "wang")  # uploads, but names no folder of the server
    assert client.post("/audits", data={"csrf": csrf, "folder": "."}).status_code == 422
    assert client.post("/audits", data={"csrf": csrf}).status_code == 422


def test_an_upload_is_sent_by_the_page_and_too_much_is_told_before(
    opened: Opener, hall: Hall
) -> None:
    page = opened("chen")
    page.goto("/audits")
    page.evaluate("document.getElementById('audit').dataset.most = '1000'")
    path = readings(hall.folder / "gas <img src=x>.csv")
    page.set_input_files("[name=files]", path)
    expect(page.locator("#large")).to_be_visible()
    expect(page.locator("#large")).to_contain_text("These are 1 MB")
    page.click("#audit button.strong")
    assert not (hall.folder / "audits").exists()
    page.goto("/audits")
    page.set_input_files("[name=files]", path)
    page.click("#audit button.strong")
    expect(page.locator("#audits")).to_contain_text("gas <img src=x>.csv")
    jobs = jobs_of(hall.room)
    eventually(lambda: jobs.all()[0].state != "running", 120.0)
    jobs.wait()
