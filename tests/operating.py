"""What tests of operating share: a program on scripted answers, and its log as a text."""

import io
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import structlog

from bot.app import Program, build
from bot.clock import Clock
from bot.ops.logging import configure_logging
from bot.ops.metrics import PrometheusMetrics
from tests.builders import ROOT, a_configuration
from tests.fakes import ScriptedRanker, ScriptedRankers

if TYPE_CHECKING:
    from bot.answers.keeper import RankerFactory


def a_program(
    folder: Path, clock: Clock, changes: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Program:
    """A program that counts, on one entry: whatever says 工资 is a question about arrears."""
    changes = {"content_dir": str(small_content(folder)), **(changes or {})}
    rankers = ScriptedRankers(ScriptedRanker({"工资": "wage.arrears"}, {}))
    return build(
        a_configuration(folder, changes, environ),
        clock=clock,
        rankers=cast("RankerFactory", rankers),
        metrics=PrometheusMetrics("test"),
    )


def small_content(folder: Path) -> Path:
    """The shipped content with a single entry, so that starting costs nothing."""
    content = folder / "content"
    (content / "faq" / "wage").mkdir(parents=True, exist_ok=True)
    for part in ("complaints", "laws", "lexicon", "menu", "replies"):
        if not (content / part).exists():
            (content / part).symlink_to(ROOT / "content" / part)
    shutil.copy(ROOT / "content" / "faq" / "wage" / "arrears.md", content / "faq" / "wage")
    return content


class Log:
    """What has been logged so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]


@contextmanager
def logged(level: str = "debug", style: str = "json") -> Iterator[Log]:
    """Configure logging as the service does, into a text; everything is put back afterwards."""
    root = logging.getLogger()
    names = ("", "bot", "handlers")
    before = {name: logging.getLogger(name).level for name in names}
    handlers = root.handlers
    stream = io.StringIO()
    try:
        configure_logging(level, style, stream)
        yield Log(stream)
    finally:
        root.handlers = handlers
        for name, was in before.items():
            logging.getLogger(name).setLevel(was)
        structlog.reset_defaults()
