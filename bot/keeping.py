"""Wires what keeps and what ends: the copy of the night with its alarms, and retention."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.app import Program, staff_roads
from bot.audit import SYSTEM
from bot.clock import SHANGHAI
from bot.complaints.desk.staff_telling import roster, tell_staff
from bot.complaints.retention import MOST_AT_ONCE
from bot.ops.health import Check
from bot.ops.jobs import Figures, Job
from bot.ops.nightly import Nightly, check_age
from bot.roles import Role

RETENTION_EVERY = timedelta(hours=6)
RETENTION_DUE = "retention_due"
"""The kind of the notice that cases wait for somebody to agree to their end."""

MOST_BATCHES = 20


def make_nightly(program: Program, keep_head: Callable[[], Awaitable[object]]) -> Nightly:
    """What makes the copy of the night. keep_head: keeps the end of the audit log before."""

    async def tell(kind: str) -> None:
        now = program.clock.now()
        day = f"{now.astimezone(SHANGHAI):%Y-%m-%d}"  # once a day, however often it fails
        await tell_role(program, Role.ADMINISTRATOR, kind, f"{kind}:{day}")

    return Nightly(
        backups=program.backups,
        clock=program.clock,
        hour=program.configuration.settings.backup.hour,
        keep_head=keep_head,
        tell=tell,
    )


def make_copy_check(program: Program) -> Callable[[], Check] | None:
    """What looks at the age of the newest copy, for `/health`; None where no copies are made."""
    if not program.configuration.settings.backup.daily:
        return None
    return lambda: check_age(program.backups, program.clock.now())


def make_retention_jobs(program: Program) -> tuple[Job, ...]:
    """The jobs that end what has been kept for long enough."""
    return (Job("retention", RETENTION_EVERY, lambda: run_retention(program), at_once=True),)


async def run_retention(program: Program) -> Figures:
    """Delete the small things, and the content of cases where nobody has to agree; else tell who may agree."""
    retention, now = program.retention, program.clock.now()
    async with program.store.write() as work:
        expired = await retention.expire(work, now)
        await work.commit()
    figures = {"audit_texts": expired.audit_texts, "votes": expired.votes, "notices": expired.notices}
    figures |= {"calls": expired.calls}
    if not retention.rules.needs_approval:
        return {**figures, "cases": await delete_due(program, by=SYSTEM)}
    async with program.store.read() as work:
        waiting = len(await retention.due(work, now))
    if waiting:
        month = f"{now.astimezone(SHANGHAI):%Y-%m}"
        await tell_role(program, Role.SUPERVISOR, RETENTION_DUE, f"{RETENTION_DUE}:{month}")
    return {**figures, "waiting": waiting}


async def delete_due(program: Program, *, by: str) -> int:
    """Delete the content of all cases that are due, a batch at a time; how many they were."""
    deleted = 0
    for _ in range(MOST_BATCHES):
        now = program.clock.now()
        async with program.store.write() as work:
            due = [one.case.id for one in await program.retention.due(work, now)]
            gone, files = await program.retention.delete(work, due, by=by, now=now)
            await work.commit()
        await program.files.forget(files)
        deleted += len(gone)
        if len(gone) < MOST_AT_ONCE:
            break
    return deleted


async def tell_role(program: Program, role: Role, kind: str, key: str) -> None:
    """Tell everybody of a role, by every road that is switched on; once for each key."""
    now = program.clock.now()
    async with program.store.write() as work:
        members = (await roster(work)).of_role(role)
        await tell_staff(work, members, kind, key=key, now=now, roads=staff_roads(program.configuration.settings))
        await work.commit()
