"""Wires the operator's side of a program: backups, housekeeping, health, metrics, access log."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import structlog
from fastapi import FastAPI

from bot.app import Program
from bot.errors import GonghuiError
from bot.ops.access import AccessLog
from bot.ops.health import HealthMonitor
from bot.ops.housekeeping import Housekeeping
from bot.ops.metrics import PrometheusMetrics
from bot.ops.routes import make_ops_routes
from bot.ops.schedule import knocking

log = structlog.get_logger(__name__)

REVISION_SHOWN = 12


def make_housekeeping(program: Program) -> Housekeeping:
    """The jobs of a program."""
    settings = program.configuration.settings
    return Housekeeping(
        clock=program.clock,
        keeper=program.keeper,
        forget_expired=program.inbox.forget_expired,
        write=program.store.write,
        question_retention=timedelta(days=settings.answers.question_retention_days),
        backups=program.backups if settings.backup.daily else None,
    )


def make_health(program: Program) -> HealthMonitor:
    """What looks at the parts of a program."""

    def index() -> Mapping[str, Any] | None:
        base = program.answers.base
        if not base.revision:
            return None
        return {
            "revision": base.revision[:REVISION_SHOWN],
            "entries": len(base.entries),
            "complete": program.keeper.is_complete,
        }

    return HealthMonitor(
        store=program.store, clock=program.clock, data_dir=program.configuration.settings.data_dir, index=index
    )


def add_operations(web: FastAPI, program: Program) -> None:
    """Add `/health`, `/metrics` where the program counts, and the access log."""
    metrics = program.metrics if isinstance(program.metrics, PrometheusMetrics) else None
    if metrics is not None:
        watch_base(metrics, program)
    token = program.configuration.environment.get("GONGHUI_METRICS_TOKEN")
    web.router.routes.extend(make_ops_routes(health=make_health(program).check, metrics=metrics, token=token))
    web.add_middleware(AccessLog)


def watch_base(metrics: PrometheusMetrics, program: Program) -> None:
    """Show the state of the base and its index among the figures."""
    answers, keeper = program.answers, program.keeper
    metrics.watch("gonghui_base_entries", "Entries of the base in use", lambda: len(answers.base.entries))
    metrics.watch(
        "gonghui_index_ready", "Whether questions can be answered", lambda: float(bool(answers.base.revision))
    )
    metrics.watch(
        "gonghui_index_complete", "Whether the index has every encoder's vectors", lambda: float(keeper.is_complete)
    )


@contextmanager
def failures_told() -> Iterator[None]:
    """Log what ends the program, as the web server in between would not show the reason."""
    try:
        log.info("program.starting")
        yield
        log.info("program.stopped")
    except GonghuiError as error:
        log.critical("program.failed", reason=str(error))  # the error tree holds nothing personal
        raise
    except Exception:
        log.critical("program.failed", exc_info=True)
        raise


@asynccontextmanager
async def maintained(program: Program) -> AsyncIterator[None]:
    """Warmed up, and housekeeping for as long as the block lasts."""
    # The models load with the first question: nobody should have to wait for that.
    await program.answers.ask(program.services.federation, program.clock.now())
    housekeeping = make_housekeeping(program)
    async with knocking(housekeeping.jobs(), program.metrics):
        try:
            yield
        finally:
            housekeeping.stop()
