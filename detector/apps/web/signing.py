"""Signing in and out, the own password, the language."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from detector.apps.report.texts import LANGUAGES
from detector.apps.web import access, words
from detector.apps.web.access import COOKIE, Form, text
from detector.apps.web.pages import page, times
from detector.apps.web.room import room
from detector.edge.accounts import Refused, User
from detector.edge.sessions import Session

router = APIRouter(include_in_schema=False)
Signed = Annotated[Session, Depends(access.session)]


@router.get("/login")
def login(request: Request, next: str = "/") -> Response:  # noqa: A002
    """The page to sign in with."""
    return page(request, "login.html", next=_inside(next), name="", refused="", until="")


@router.post("/login")
async def sign_in(request: Request) -> Response:
    """Sign in."""
    if not access.own(request):
        raise access.Forbidden("origin")
    fields = await request.form(max_files=0, max_fields=10)
    return await run_in_threadpool(_sign_in, request, fields)


def _sign_in(request: Request, fields: FormData) -> Response:
    here, name, after = room(request), text(fields, "name", 64), _inside(text(fields, "next"))
    password = fields.get("password")
    try:
        user = here.accounts.checked(name, password if isinstance(password, str) else "")
    except Refused as error:
        known = here.accounts.user(name)
        if known is not None and not _told_before(request, known, error):
            from_where = request.client.host if request.client else ""
            here.ledger.append(
                "sign_in_refused", {"user": name, "why": error.key, "from": from_where}
            )
        until = times(request).shown(known.locked_until) if known and error.key == "locked" else ""
        told = {"next": after, "name": name, "refused": error.key, "until": until}
        return page(request, "login.html", 401, **told)
    here.note("signed_in", user)
    return _signed(request, user, "/account" if user.must_change else after)


def _told_before(request: Request, user: User, error: Refused) -> bool:
    """Whether the ledger has it that somebody tried while the user is locked out: whoever goes on
    trying, which costs nothing, must not fill it."""
    known: dict[str, float] = room(request).known.setdefault("locked_out", {})
    if error.key != "locked":
        return False
    before, known[user.name] = known.get(user.name), user.locked_until
    return before == user.locked_until


def _signed(request: Request, user: User, after: str) -> Response:
    answer = RedirectResponse(after, 303)
    secret = room(request).sessions.begin(user.name)
    safe = request.url.scheme == "https"
    answer.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=safe, path="/")
    return answer


@router.post("/logout")
def sign_out(request: Request, signed: Signed, _: Form) -> Response:
    """Sign out."""
    room(request).sessions.end(request.cookies.get(COOKIE, ""))
    room(request).note("signed_out", signed.user)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.get("/account")
def account(request: Request, _: Signed) -> Response:
    """The own account."""
    return page(request, "account.html", refused="", done=False)


@router.post("/account/password")
def change_password(request: Request, signed: Signed, fields: Form) -> Response:
    """Give oneself another password."""
    here, name = room(request), signed.user.name
    old, new, again = (str(fields.get(k) or "") for k in ("old", "new", "again"))
    try:
        if new != again:
            raise Refused("not_the_same")
        if new == old:
            raise Refused("same_password")
        here.accounts.checked(name, old)
        here.accounts.set_password(name, new)
    except Refused as error:
        return page(request, "account.html", 422, refused=error.key, done=False)
    here.note("password_changed", signed.user, user=name)
    return _signed(request, signed.user, "/")


@router.get("/lang/{lang}")
def choose_language(lang: str, next: str = "/") -> Response:  # noqa: A002
    """Choose the language of all pages."""
    answer = RedirectResponse(_inside(next), 303)
    if lang in LANGUAGES:
        year = 365 * 86400
        answer.set_cookie(words.COOKIE, lang, max_age=year, samesite="lax", httponly=True)
    return answer


def _inside(address: str) -> str:
    """An address of the console, whatever was asked for."""
    inside = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if inside and address.isprintable() else "/"
