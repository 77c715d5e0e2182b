"""The pages on the way in: password, one-time code, first password, first code; and the way out.

Every stage has a session of its own under a new token, so a token planted beforehand is worth nothing. What is
wrong with an attempt is said no more exactly than it must be.
"""

from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette_admin.flash import flash, get_flashed_messages

from bot.complaints.worker.qr import qr_svg
from bot.console.pages import SEE_OTHER, read_fields
from bot.console.ports import ConsoleParts
from bot.console.security import source_of
from bot.console.session import drop_token, find_token, keep_token
from bot.staff.accounts import SignedIn, Standing
from bot.staff.enrolment import Offer
from bot.staff.errors import PasswordRefused, SignInRefused
from bot.staff.members import Stage

GATES = ("login", "totp", "password", "enroll", "logout")
INVALID = 422
MINUTE = 60
_PAGE_OF = {Stage.TOTP: "totp", Stage.CHANGE: "password", Stage.ENROLL: "enroll"}


class GatePages:
    """Shows the pages and takes their forms."""

    def __init__(self, parts: ConsoleParts) -> None:
        self._parts = parts
        self._templates: Jinja2Templates | None = None

    def routes(self, templates: Jinja2Templates) -> list[Route]:
        """The addresses."""
        self._templates = templates
        both = ["GET", "POST"]
        return [
            Route("/login", self.login, methods=both, name="login"),
            Route("/totp", self.totp, methods=both, name="totp"),
            Route("/password", self.password, methods=both, name="password"),
            Route("/enroll", self.enroll, methods=both, name="enroll"),
            Route("/logout", self.logout, methods=["POST"], name="logout"),
        ]

    async def login(self, request: Request) -> Response:
        """Login and password."""
        if request.method != "POST":
            return self._arrived(request)
        fields = await read_fields(request)
        login = fields.get("login", "")
        try:
            # a password counts as it was typed, blanks at its ends too
            password = str((await request.form()).get("password") or "")
            signed_in = await self._parts.accounts.sign_in(login, password, source_of(request), self._parts.now())
        except SignInRefused as refused:
            return self._page(request, "login", INVALID, problem=self._why(refused), login=login)
        if old := find_token(request):
            await self._parts.accounts.sign_out(old)
        return self._onward(request, signed_in, fields.get("next", ""))

    async def totp(self, request: Request) -> Response:
        """The one-time code."""
        token = find_token(request) or ""
        if moved := self._elsewhere(request, Stage.TOTP):
            return moved
        if request.method != "POST":
            return self._page(request, "totp")
        fields = await read_fields(request)
        try:
            signed_in = await self._parts.accounts.confirm_totp(token, fields.get("code", ""), self._parts.now())
        except SignInRefused as refused:
            return self._failed(request, "totp", refused)
        return self._onward(request, signed_in, fields.get("next", ""))

    async def password(self, request: Request) -> Response:
        """The first password of one's own."""
        token = find_token(request) or ""
        if moved := self._elsewhere(request, Stage.CHANGE):
            return moved
        context = self._password_context(request)
        if request.method != "POST":
            return self._page(request, "password", **context)
        form = await request.form()
        new, again = str(form.get("new") or ""), str(form.get("again") or "")
        if new != again:
            return self._page(request, "password", INVALID, problem=self._say("password.again"), **context)
        try:
            signed_in = await self._parts.accounts.change_password(token, "", new, self._parts.now())
        except PasswordRefused as refused:
            problem = self._say(f"password.{refused.code}", shortest=context["shortest"])
            return self._page(request, "password", INVALID, problem=problem, **context)
        except SignInRefused as refused:
            return self._failed(request, "password", refused, **context)
        return self._onward(request, signed_in, str(form.get("next") or ""))

    async def enroll(self, request: Request) -> Response:
        """The first one-time code."""
        token = find_token(request) or ""
        if moved := self._elsewhere(request, Stage.ENROLL):
            return moved
        try:
            offer = await self._parts.enrolment.offer(token, self._parts.now())
        except SignInRefused as refused:
            return self._failed(request, "enroll", refused, **draw_offer(None))
        if request.method != "POST":
            return self._page(request, "enroll", **draw_offer(offer))
        code = (await read_fields(request)).get("code", "")
        try:
            enrolled = await self._parts.enrolment.finish(token, code, self._parts.now())
        except SignInRefused as refused:
            return self._failed(request, "enroll", refused, **draw_offer(offer))
        response = self._page(request, "codes", codes=enrolled.recovery_codes)
        keep_token(request, response, enrolled.signed_in.token)
        return response

    async def logout(self, request: Request) -> Response:
        """End the session, whatever its stage."""
        if token := find_token(request):
            await self._parts.accounts.sign_out(token)
        flash(request, self._say("signing.out"), "success")
        response = RedirectResponse(f"{_base(request)}/login", SEE_OTHER)
        drop_token(request, response)
        response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _arrived(self, request: Request) -> Response:
        standing = _standing(request)
        if standing is not None:
            return self._to_stage(request, standing.stage, wanted(request))
        if "over" in request.query_params:
            flash(request, self._say("signing.over"), "warning")
        return self._page(request, "login", login="")

    def _elsewhere(self, request: Request, stage: Stage) -> Response | None:
        """Where somebody belongs who is not at that stage."""
        standing = _standing(request)
        if standing is None:
            return RedirectResponse(f"{_base(request)}/login?over=1", SEE_OTHER)
        return None if standing.stage is stage else self._to_stage(request, standing.stage, wanted(request))

    def _onward(self, request: Request, signed_in: SignedIn, target: str) -> Response:
        response = self._to_stage(request, signed_in.stage, leads_in(request, target))
        keep_token(request, response, signed_in.token)
        return response

    def _to_stage(self, request: Request, stage: Stage, target: str) -> Response:
        page = _PAGE_OF.get(stage)
        if page is None:
            return RedirectResponse(target or f"{_base(request)}/", SEE_OTHER)
        query = f"?{urlencode({'next': target})}" if target else ""
        return RedirectResponse(f"{_base(request)}/{page}{query}", SEE_OTHER)

    def _failed(self, request: Request, page: str, refused: SignInRefused, **context: Any) -> Response:
        if refused.code == "over":
            response = RedirectResponse(f"{_base(request)}/login?over=1", SEE_OTHER)
            drop_token(request, response)
            return response
        problem = self._say("signing.code") if refused.code == "wrong" else self._why(refused)
        return self._page(request, page, INVALID, problem=problem, **context)

    def _page(self, request: Request, name: str, status: int = 200, **context: Any) -> Response:
        if self._templates is None:
            raise RuntimeError("the pages have not been added to a console")
        common = {
            "title": self._say(f"gate.{name}"),
            "problem": "",
            "next": wanted(request),
            "flashed_messages": get_flashed_messages(request),
        }
        return self._templates.TemplateResponse(request, f"{name}.html", common | context, status_code=status)

    def _password_context(self, request: Request) -> dict[str, Any]:
        standing = _standing(request)
        login = standing.member.login if standing else ""
        return {"shortest": self._parts.accounts.rules.password_length, "login": login}

    def _why(self, refused: SignInRefused) -> str:
        if refused.code != "slow":
            return self._say(f"signing.{refused.code}")
        if refused.seconds <= MINUTE:
            return self._say("signing.slow_seconds", seconds=refused.seconds)
        return self._say("signing.slow_minutes", minutes=-(-refused.seconds // MINUTE))

    def _say(self, key: str, **fields: object) -> str:
        return self._parts.wording(f"console.{key}", **fields)


def draw_offer(offer: Offer | None) -> dict[str, Any]:
    """What a page shows of a one-time code that is being set up."""
    if offer is None:
        return {"qr": "", "secret": ""}
    drawing = Markup(qr_svg(offer.uri, title="QR"))  # noqa: S704 - drawn by the library from our own address
    secret = " ".join(offer.secret[at : at + 4] for at in range(0, len(offer.secret), 4))
    return {"qr": drawing, "secret": secret}


def wanted(request: Request) -> str:
    """Where somebody wanted to go, as the address or the form says; empty where that leads out of the console."""
    return leads_in(request, request.query_params.get("next", ""))


def leads_in(request: Request, target: str) -> str:
    """The path if it is one of the console's own pages, else nothing."""
    inside = target.startswith(f"{_base(request)}/") and target.isprintable()
    leads_away = "\\" in target or "//" in target or ".." in target
    gates = tuple(f"{_base(request)}/{name}" for name in GATES)
    return target if inside and not leads_away and not target.startswith(gates) else ""


def _base(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


def _standing(request: Request) -> Standing | None:
    standing: Standing | None = getattr(request.state, "standing", None)
    return standing
