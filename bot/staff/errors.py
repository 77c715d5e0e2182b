"""What may go wrong with accounts: codes, for which the console and the command have words."""

from bot.errors import GonghuiError


class SignInRefused(GonghuiError):
    """Nobody is signed in.

    code: "wrong" (login, password or code), "slow" (wait `seconds`), "network" (not from there), "over" (the session
    has ended). Locked, unknown and disabled accounts look like any other.
    """

    def __init__(self, code: str, seconds: int = 0) -> None:
        self.code = code
        self.seconds = seconds
        super().__init__(code)


class PasswordRefused(GonghuiError):
    """The password is not taken.

    code: "short", "long", "simple", "same", "has_login", or "wrong" for the present one.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class LoginTaken(GonghuiError):
    """Another account has this login."""


class UnknownStaff(GonghuiError):
    """There is no such account."""


class StaffRefused(GonghuiError):
    """The account cannot be made or changed like that.

    code: "login", "name", "role", "districts", "last_administrator".
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)
