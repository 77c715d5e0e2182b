"""Logs: structured events on standard error, from our code and from the libraries alike.

What people say never gets here. Our events are names with fields that the code chooses; an
exception shows its type and the places it went through, never its message or its variables;
of what a library logs only the first line is kept, without queries and long numbers.
"""

import logging
import re
import sys
import threading
import types
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

_ROOT = Path(__file__).parents[2]
_TRUSTED = ("alembic", "apscheduler", "uvicorn")
"""Libraries whose log lines are made of the program's own words; of others we keep the pattern alone."""

_QUERY = re.compile(r"\?\S*")
_LONG_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){6,}")
_LONGEST_LINE = 200
_MOST_FRAMES = 30
_LAST_FRAMES = 5

EventDict = MutableMapping[str, Any]


def configure_logging(level: str, style: str, stream: TextIO | None = None) -> None:
    """Send every log line to the stream (standard error), from that level on, as `console` or `json`."""
    stream = stream or sys.stderr
    least = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(style, stream)],
            foreign_pre_chain=[keep_first_line, *shared],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(least, logging.WARNING))  # libraries: at debug they log statements with their values
    for ours in ("bot", "handlers"):
        logging.getLogger(ours).setLevel(least)
    for server in ("uvicorn", "uvicorn.error", "uvicorn.access"):  # its own set-up would write past ours
        logger = logging.getLogger(server)
        logger.handlers, logger.propagate, logger.level = [], True, logging.NOTSET


def log_what_nobody_caught() -> None:
    """Make uncaught exceptions and warnings of this process log lines like any other."""
    log = structlog.get_logger(__name__)
    logging.captureWarnings(capture=True)

    def uncaught(_kind: type[BaseException], error: BaseException, _trace: types.TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        log.critical("program.crashed", exc_info=error)

    sys.excepthook = uncaught
    threading.excepthook = lambda args: log.critical("thread.crashed", exc_info=args.exc_value)
    sys.unraisablehook = lambda args: log.error("error.unraisable", exc_info=args.exc_value)


def describe_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Put the types and places of an exception in the event instead of the exception itself."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    event.pop("exception", None)
    error = _exception(given)
    if error is not None:
        event["error"] = " < ".join(_qualified_name(one) for one in _chain(error))
        event["frames"] = _frames(error)
    return event


def keep_first_line(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Reduce a library's log line to what cannot hold anybody's words."""
    record: logging.LogRecord = event["_record"]
    event["logger"] = record.name
    trusted = record.name.partition(".")[0] in _TRUSTED
    text = str(event["event"] if trusted else record.msg).strip().partition("\n")[0]
    event["event"] = _LONG_NUMBER.sub("[number]", _QUERY.sub("?", text))[:_LONGEST_LINE]
    return event


def _renderer(style: str, stream: TextIO) -> structlog.typing.Processor:
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=_type_only)
    return structlog.dev.ConsoleRenderer(colors=stream.isatty())


def _type_only(value: object) -> str:
    """What is shown of a value that JSON does not know: its type, as its repr may hold anything."""
    return f"<{type(value).__name__}>"


def _exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it, the last first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _qualified_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _frames(error: BaseException) -> list[str]:
    """The places the exception went through: all of ours, and the last few of libraries."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        ours = "site-packages" not in code.co_filename
        frames.append((ours, f"{_short(code.co_filename)}:{trace.tb_lineno} {code.co_name}"))
        trace = trace.tb_next
    shown = [text for ours, text in frames[:-_LAST_FRAMES] if ours] + [text for _, text in frames[-_LAST_FRAMES:]]
    return shown[-_MOST_FRAMES:]


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    parts = path.parts
    start = parts.index("site-packages") + 1 if "site-packages" in parts else max(0, len(parts) - 2)
    return "/".join(parts[start:])
