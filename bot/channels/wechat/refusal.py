"""The one error for requests that are not served."""

from bot.errors import GonghuiError


class Refused(GonghuiError):
    """A request to the WeChat callback is refused.

    `reason` is a code for the log and never holds anything of the request; `status` is the
    HTTP status to answer with.
    """

    def __init__(self, reason: str, status: int = 400) -> None:
        self.reason = reason
        self.status = status
        super().__init__(reason)
