"""Who is signed in: asked with every request, of the database. Whoever is not is led to the pages of `gate`."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.middleware import Middleware
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette_admin.auth import AdminUser, BaseAuthProvider
from starlette_admin.auth.base import AuthMiddleware

from bot.console.gate import GATES, GatePages
from bot.console.pages import SEE_OTHER, find_member
from bot.console.ports import ConsoleParts
from bot.console.session import find_token
from bot.staff.members import Stage


@dataclass
class SignedInMember(AdminUser):
    """What the frame shows of who is signed in."""

    role_name: str = ""


class Doorkeeper(AuthMiddleware):
    """Leads whoever is not signed in to the sign-in page; what they sent is neither kept nor repeated."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Pass on what may pass."""
        response = await super().dispatch(request, call_next)
        turned_away = find_member(request) is None and "/login?next=" in response.headers.get("location", "")
        if not turned_away:
            return response
        base = request.scope.get("root_path", "")
        if request.method != "GET":
            return RedirectResponse(f"{base}/login?over=1", SEE_OTHER)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{base}/login?{urlencode({'next': request.url.path + query})}", SEE_OTHER)


class ConsoleAuth(BaseAuthProvider):
    """Knows staff by their session. Only a session whose stage is full opens a page."""

    def __init__(self, parts: ConsoleParts) -> None:
        super().__init__(allow_routes=list(GATES))
        self._parts = parts
        self._gate = GatePages(parts)

    async def authenticate(self, request: Request) -> AdminUser | None:
        """Who asks; None for everybody whose session is not complete."""
        if request.scope["path"].startswith(f"{request.scope.get('root_path', '')}/static/"):
            return None
        token = find_token(request)
        standing = await self._parts.accounts.standing(token, self._parts.now()) if token else None
        request.state.standing = standing
        if standing is None or standing.stage is not Stage.FULL:
            return None
        member = standing.member
        async with self._parts.read() as work:
            request.state.unseen = await work.notices.count_unseen(member.id)
        request.state.member = member
        return SignedInMember(username=member.name, role_name=self._parts.wording(f"complaint.role.{member.role}"))

    def get_middleware(self) -> Middleware:
        """What stands before every page."""
        return Middleware(Doorkeeper, provider=self)

    def get_routes(self, templates: Jinja2Templates) -> list[Route]:
        """The pages on the way in, and the way out."""
        return self._gate.routes(templates)
