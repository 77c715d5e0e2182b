"""What the contract suite of the senders needs from each channel: a bench with its sender and an emulated platform.

Every module of this package names its cases in `CASES`; they are found by themselves. The suite is
`tests/contract/test_senders.py`. An emulator de-duplicates nothing that the real platform would not.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum

from bot.publishing.deliveries import Kind
from bot.publishing.ports import Parcel, Sender
from tests.fakes import FakeClock


class Fault(StrEnum):
    """What the platform does to the next call that could make something public."""

    TIMEOUT_BEFORE = "timeout_before"  # never answers, has not acted
    TIMEOUT_AFTER = "timeout_after"  # has acted, never answers
    DROPPED_BEFORE = "dropped_before"  # the connection breaks, it has not acted
    DROPPED_AFTER = "dropped_after"  # it has acted, then the connection breaks
    ERROR_BEFORE = "error_before"  # 500 or the vendor's like, has not acted
    ERROR_AFTER = "error_after"  # has acted, then says 500
    AWAY = "away"  # nobody listens: surely not acted; lasts until `mend`
    REFUSED = "refused"  # refuses this content for good
    RATE_LIMITED = "rate_limited"
    UNAUTHORISED = "unauthorised"  # the authorisation has expired or was revoked; lasts until `mend`


LOST = (
    Fault.TIMEOUT_BEFORE,
    Fault.TIMEOUT_AFTER,
    Fault.DROPPED_BEFORE,
    Fault.DROPPED_AFTER,
    Fault.ERROR_BEFORE,
    Fault.ERROR_AFTER,
)
"""After these nobody on our side can know whether the platform has acted."""

ACTED = frozenset({Fault.TIMEOUT_AFTER, Fault.DROPPED_AFTER, Fault.ERROR_AFTER})


class Bench(ABC):
    """One sender on the bench, against its own fresh platform."""

    sender: Sender
    clock: FakeClock
    secrets: tuple[str, ...] = ()
    """Tokens and keys; the emulator puts them into what it says, and the sender has to keep them to itself."""

    faults: frozenset[Fault] = frozenset(Fault)
    """What this platform can do to us. What is left out is explained in the case."""

    by_person: bool = False
    """A person makes it public afterwards (a draft, a pack): `send` ends in Waiting, and nothing is there."""

    retries_errors: bool = False
    """The platform promises to tell repetitions by the key: an answer of 500 may be said to be worth a retry."""

    absence_proves: bool = True
    """What the platform does not show is surely not there: else not finding it leaves it to a person."""

    @abstractmethod
    def parcel(self, kind: Kind = Kind.PUBLISH, *, text: str = "年底前，把工资要到手", earlier: str = "") -> Parcel:
        """A parcel; the same delivery and key at every call with the same kind. `text` stands in what is published."""

    @abstractmethod
    def fail(self, fault: Fault) -> None:
        """Do that to the next call that could make something public (AWAY, UNAUTHORISED: to every call)."""

    @abstractmethod
    def asked(self) -> int:
        """How many calls have arrived that could have made something public, whatever came of them."""

    @abstractmethod
    def published(self) -> int:
        """How often the platform has made something public, counting what was taken back since."""

    @abstractmethod
    def there(self) -> list[str]:
        """The texts that the public sees now."""

    async def mend(self) -> None:  # noqa: B027 - most platforms need none
        """Let the platform work again."""

    async def finish(self) -> None:  # noqa: B027 - most platforms are at once done
        """Let the platform finish what it has taken: what it has queued is public now."""


@dataclass(frozen=True)
class SenderCase:
    """A channel, or one mode of it. `running` gives a fresh bench; a platform that cannot start skips with a reason."""

    name: str
    running: Callable[[], AbstractAsyncContextManager[Bench]]

    def __str__(self) -> str:
        return self.name


def cases() -> list[SenderCase]:
    """Every case of every module of this package."""
    found: list[SenderCase] = []
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        found += importlib.import_module(f"{__name__}.{module.name}").CASES
    return found


class Died(BaseException):
    """The process is gone: nothing of ours may catch this."""


class LeaseLost(Exception):
    """Somebody else has the delivery now."""


@dataclass
class Remembered:
    """The memory of one delivery as the ledger keeps it, over as many attempts as a test makes.

    crash: the process dies at that step (counted from 1 over keep, intend and note). committed: the step had been
    written by then. refuses: `intend` raises, as when the lease is lost. asked: of the bench.
    """

    asked: Callable[[], int] = lambda: 0
    values: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    asked_at_intend: list[int] = field(default_factory=list)
    crash: int = 0
    committed: bool = False
    refuses: bool = False
    steps: int = 0

    @property
    def intended(self) -> bool:
        return bool(self.asked_at_intend)

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    async def keep(self, name: str, value: str) -> None:
        assert isinstance(value, str)
        self._step(lambda: self.values.update({name: value}))

    async def intend(self) -> None:
        if self.refuses:
            raise LeaseLost
        self._step(lambda: self.asked_at_intend.append(self.asked()))

    async def note(self, code: str, detail: str = "") -> None:
        self._step(lambda: self.notes.append((code, detail)))

    def _step(self, write: Callable[[], None]) -> None:
        self.steps += 1
        dies = self.steps == self.crash
        if not dies or self.committed:
            write()
        if dies:
            raise Died
