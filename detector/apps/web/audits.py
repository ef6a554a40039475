"""Audits of recordings: name a folder or upload files, see the progress, open the report."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath, PureWindowsPath

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from detector.apps.report.texts import visible
from detector.apps.web import headers
from detector.apps.web.access import Form, Missing, Regulator, Viewer, text
from detector.apps.web.jobs import UPLOAD, Audit, Jobs
from detector.apps.web.pages import page
from detector.apps.web.room import Room, room
from detector.apps.web.words import language
from detector.config.site import Console
from detector.edge.accounts import Refused, User

router = APIRouter(include_in_schema=False)
_TYPES = {".html": "text/html", ".json": "application/json", ".jpg": "image/jpeg"}
_TYPES |= {".png": "image/png"}


@router.get("/audits")
def audits(request: Request, user: Viewer) -> Response:
    """All audits that the user may see."""
    return _shown(request, user)


def _shown(request: Request, user: User, code: int = 200, refused: str = "") -> Response:
    here = room(request)
    known = [a for a in jobs(here).all() if _sees(user, a)]
    running = any(a.state == "running" for a in known)
    root = root_of(here) if user.mines is None else None
    told = {"audits": known, "running": running, "root": root, "refused": refused}
    told["most"] = (here.desks.main.site.console or Console()).upload_bytes
    return page(request, "audits.html", code, **told)


@router.post("/audits")
async def start(request: Request, user: Regulator, fields: Form) -> Response:
    """Begin an audit of a folder or of what is uploaded."""
    try:
        await run_in_threadpool(_start, request, user, fields)
    except Refused as error:
        return await run_in_threadpool(_shown, request, user, 422, error.key)
    return RedirectResponse("/audits", 303)


def _start(request: Request, user: User, fields: FormData) -> None:
    here, named = room(request), text(fields, "folder", 1000)
    files = [f for f in fields.getlist("files") if isinstance(f, UploadFile) and f.filename]
    folder = jobs(here).new()
    try:
        if named:
            paths, what = [_inside(here, user, named)], named
        else:
            paths, what = [_kept(here, folder / UPLOAD, files)], _names(files)
        jobs(here).start(
            folder,
            by=user.name,
            what=what,
            begun=here.clock(),
            paths=[str(p.resolve()) for p in paths],
            lang=language(request),
            thorough=bool(text(fields, "thorough")),
            config=_site(here),
        )
    except Refused:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    here.note("audit_started", user, audit=folder.name, what=what)


def _site(room: Room) -> str | None:
    """The site's configuration: it tells of cameras and sensors."""
    path = room.desks.main.site_document.path
    return str(path.resolve()) if path else None


def _inside(room: Room, user: User, named: str) -> Path:
    """The folder or file that is named below the folder of audits."""
    root = root_of(room)
    if root is None or user.mines is not None or "\0" in named:
        raise Refused("folder")
    try:
        path = (root / named).resolve()
        inside = path.is_relative_to(root.resolve()) and path.exists()
    except (OSError, RuntimeError) as error:
        raise Refused("folder") from error
    if not inside:
        raise Refused("folder")
    return path


def _kept(room: Room, folder: Path, files: list[UploadFile]) -> Path:
    """The folder with what was uploaded, each under its own name without any folder."""
    if not files:
        raise Refused("file")
    left = (room.desks.main.site.console or Console()).upload_bytes
    for number, file in enumerate(files):
        left -= file.size or 0
        if left < 0:
            raise Refused("large")
        name = PurePosixPath(PureWindowsPath(file.filename or "").name).name
        clean = "".join(c for c in visible(name) if c not in '/\\\0:*?"<>|').lstrip(".")[-120:]
        target = folder / (clean or f"file-{number}")
        if target.exists():
            target = folder / f"{number}-{target.name}"
        with target.open("wb") as out:
            shutil.copyfileobj(file.file, out, 1 << 20)
    return folder


def _names(files: list[UploadFile]) -> str:
    named = ", ".join(visible(f.filename or "") for f in files[:4])
    return named + (f" + {len(files) - 4}" if len(files) > 4 else "")


@router.post("/audits/{identity}/cancel")
def cancel(request: Request, user: Regulator, _: Form, identity: str) -> Response:
    """Have an audit end with what it has."""
    here = room(request)
    _known(here, user, identity)
    jobs(here).cancel(identity)
    here.note("audit_cancelled", user, audit=identity)
    return RedirectResponse("/audits", 303)


@router.get("/audits/{identity}/{path:path}")
def report(request: Request, user: Viewer, identity: str, path: str) -> Response:
    """A file of an audit's report; the page is kept from the console by its policy."""
    here = room(request)
    _known(here, user, identity)
    folder = jobs(here).report(identity).resolve()
    file = (folder / path).resolve() if "\0" not in path else folder
    if not file.is_relative_to(folder) or not file.is_file() or file.suffix not in _TYPES:
        raise Missing
    policy = headers.REPORT_POLICY
    return FileResponse(
        file,
        media_type=_TYPES[file.suffix],
        headers={"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"},
    )


def jobs(room: Room) -> Jobs:
    """The audits of the service's folder."""
    known: Jobs = room.known.setdefault("jobs", Jobs(room.desks.folder / "audits"))
    return known


def root_of(room: Room) -> Path | None:
    """The folder whose recordings may be audited, as it is on the disk."""
    named = (room.desks.main.site.console or Console()).audits
    return room.desks.beside / named if named else None


def _known(room: Room, user: User, identity: str) -> Audit:
    audit = jobs(room).one(identity)
    if audit is None or not _sees(user, audit):
        raise Missing
    return audit


def _sees(user: User, audit: Audit) -> bool:
    """Recordings name no mine: who has only some mines sees their own audits."""
    return user.mines is None or audit.by == user.name
