"""One's own account: password, one-time code, recovery codes."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.gate import draw_offer
from bot.console.pages import Page, get_member, read_fields
from bot.console.session import find_token, keep_token
from bot.staff.errors import PasswordRefused, SignInRefused
from bot.staff.members import StaffMember

INVALID = 422


class AccountPage(Page):
    """What everybody looks after themselves."""

    path = "/account"

    def allows(self, member: StaffMember) -> bool:
        """Everybody who is signed in."""
        return True

    @route("", name="account")
    async def index(self, request: Request) -> Response:
        """The page."""
        return self._page(request)

    @route("/password", methods=["POST"], name="account-password")
    async def password(self, request: Request) -> Response:
        """Another password; every other session ends."""
        form, token = await request.form(), find_token(request) or ""
        old, new, again = (str(form.get(name) or "") for name in ("old", "new", "again"))
        if new != again:
            return self._page(request, problem=self.parts.wording("console.password.again"))
        try:
            signed_in = await self.parts.accounts.change_password(token, old, new, self.parts.now())
        except PasswordRefused as refused:
            shortest = self.parts.accounts.rules.password_length
            return self._page(
                request, problem=self.parts.wording(f"console.password.{refused.code}", shortest=shortest)
            )
        except SignInRefused as refused:
            return self._page(request, problem=self._why(refused))
        self.say(request, "password.changed")
        response = self.go(request, "/account")
        keep_token(request, response, signed_in.token)
        return response

    @route("/authenticator", methods=["POST"], name="account-authenticator")
    async def authenticator(self, request: Request) -> Response:
        """Begin with another authenticator, shown by a code of the present one."""
        token, code = find_token(request) or "", (await read_fields(request)).get("code", "")
        try:
            offer = await self.parts.enrolment.offer(token, self.parts.now(), code)
        except SignInRefused as refused:
            return self._page(request, problem=self._why(refused))
        return self._page(request, **draw_offer(offer))

    @route("/authenticator/confirm", methods=["POST"], name="account-authenticator-confirm")
    async def confirm(self, request: Request) -> Response:
        """The new authenticator shows the right code."""
        token, code = find_token(request) or "", (await read_fields(request)).get("code", "")
        try:
            enrolled = await self.parts.enrolment.finish(token, code, self.parts.now())
        except SignInRefused as refused:
            return self._page(request, problem=self._why(refused))
        response = self._page(request, codes=enrolled.recovery_codes)
        keep_token(request, response, enrolled.signed_in.token)
        return response

    @route("/codes", methods=["POST"], name="account-codes")
    async def codes(self, request: Request) -> Response:
        """New recovery codes."""
        token, code = find_token(request) or "", (await read_fields(request)).get("code", "")
        try:
            codes = await self.parts.enrolment.renew_recovery_codes(token, code, self.parts.now())
        except SignInRefused as refused:
            return self._page(request, problem=self._why(refused))
        return self._page(request, codes=codes)

    def _page(self, request: Request, **context: object) -> Response:
        member = get_member(request)
        common = {
            "title": self.parts.wording("console.account.title"),
            "member": member,
            "shortest": self.parts.accounts.rules.password_length,
            "problem": "",
            "codes": (),
            "qr": "",
            "secret": "",
        }
        return self.show(request, "account.html", common | context, status=INVALID if context.get("problem") else 200)

    def _why(self, refused: SignInRefused) -> str:
        if refused.code == "wrong":
            return self.parts.wording("console.signing.code")
        if refused.code == "slow":
            return self.parts.wording("console.signing.slow_seconds", seconds=refused.seconds)
        return self.parts.wording(f"console.signing.{refused.code}")
