"""The one error tree: facts inside, sentences for people chosen where they are shown.

The first line of a class's docstring is its default message. Fields that help the operator
are attributes; no personal data ever goes into an error.
"""


class GonghuiError(Exception):
    """Something in Gonghui went wrong."""

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        headline = (type(self).__doc__ or "").partition("\n")[0]
        between = "\n" if detail.startswith("- ") else " "
        super().__init__(f"{headline}{between}{detail}".strip())


class ConfigurationError(GonghuiError):
    """The configuration has faults."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"- {fault}" for fault in faults))


class ContentError(GonghuiError):
    """A content file has faults."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"- {fault}" for fault in faults))


class KeyRingError(GonghuiError):
    """The key ring cannot be used."""


class CannotOpen(GonghuiError):
    """A sealed value cannot be opened: wrong key, wrong record, or damaged."""


class StoreUnavailable(GonghuiError):
    """The database does not take this work now."""


class StorageFull(StoreUnavailable):
    """The disk or the database is full."""


class LostRace(GonghuiError):
    """Somebody else was first: done anew from what is there now, the same may succeed."""


class BackupFailed(GonghuiError):
    """The copy of the database could not be made or used."""


class UnknownEntry(GonghuiError):
    """No FAQ entry has this topic."""


class VendorError(GonghuiError):
    """A platform refused a call or could not be reached.

    `permanent` says that repeating the same call cannot help. words: what was said about it, without the code.
    """

    def __init__(self, code: str, detail: str = "", *, permanent: bool = False) -> None:
        self.code = code
        self.words = detail
        self.permanent = permanent
        super().__init__(f"[{code}] {detail}".strip())


class OutcomeUnknown(VendorError):
    """A platform was asked to do something and did not say what came of it: it may have been done."""


class RecipientGone(VendorError):
    """Whom this was for takes no such messages from us, or not any more."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail, permanent=True)
