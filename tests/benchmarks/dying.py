"""A process that dies at its n-th await: everything it does is driven step by step, and at that step it is gone.

At an await something has been asked of the database or a platform and the answer is not there yet. What was asked may
well be done: as with a real death, only the answer never comes.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Generator
from contextvars import ContextVar
from typing import Any, TypeVar

_T = TypeVar("_T")
_life: ContextVar["Life | None"] = ContextVar("life", default=None)


class Died(BaseException):
    """The process is gone: nothing of ours may catch this."""


class Life:
    """One process: it dies at that step, counted from 1; never with 0. steps: how many it took."""

    def __init__(self, dies_at: int = 0) -> None:
        self.dies_at = dies_at
        self.steps = 0
        self.is_dead = False

    def step(self) -> bool:
        """Count an await; whether it is the last one."""
        self.steps += 1
        if self.steps == self.dies_at:
            self.is_dead = True
        return self.is_dead

    async def live(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do the work, and all tasks that it starts, in this life. Raises Died."""
        loop = asyncio.get_running_loop()
        if loop.get_task_factory() is not _make_task:
            loop.set_task_factory(_make_task)
        mark = _life.set(self)
        try:
            return await loop.create_task(work)
        except BaseException:
            if self.is_dead:  # libraries make groups of it, and errors of their own
                raise Died from None
            raise
        finally:
            _life.reset(mark)


class _Stepwise:
    """A coroutine whose awaits are counted."""

    def __init__(self, work: Coroutine[Any, Any, Any], life: Life) -> None:
        self._work, self._life = work, life

    def __await__(self) -> Generator[Any, Any, Any]:
        given: BaseException | None = None
        dying = False
        while True:
            try:
                waits_for = self._work.send(None) if given is None else self._work.throw(given)
            except StopIteration as over:
                return over.value
            given = None
            if not dying and self._life.step():
                dying = True  # what cleans up behind it is not counted: a dead process does none of it
                given = Died()
                continue
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - handed on to where it belongs
                given = error


def _make_task(loop: asyncio.AbstractEventLoop, work: Any, **named: Any) -> asyncio.Task[Any]:
    life = _life.get()
    if life is not None and not life.is_dead and asyncio.iscoroutine(work):
        work = _run(_Stepwise(work, life))
    return asyncio.Task(work, loop=loop, **named)


async def _run(stepwise: Awaitable[_T]) -> _T:
    return await stepwise
