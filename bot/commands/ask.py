"""`gonghui ask` and `gonghui chat`: the terminal as a channel, and the batch contract."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.errors import ContentError

if TYPE_CHECKING:
    from datetime import date

    from bot.answers.base import FaqBase
    from bot.answers.service import AnswerService
    from bot.settings import Configuration

TERMINAL = "terminal"


def ask(
    question: Annotated[str | None, typer.Argument(help="the question")] = None,
    batch: Annotated[Path | None, typer.Option(help='JSON lines {"id", "question"} to answer instead')] = None,
    out: Annotated[Path | None, typer.Option(help="where the answers of a batch go, one JSON line each")] = None,
) -> None:
    """Answer a question as a worker would see it, or a whole file of questions.

    Nothing is recorded. A batch waits for the complete index and writes per line: id, outcome
    (answer, suggest, none), topics (the ranking, at most ten), scores, text, citations, ms.
    """
    if (question is None) == (batch is None) or (batch is None) != (out is None):
        raise typer.BadParameter("give a question, or both --batch FILE and --out FILE")
    if question is not None:
        typer.echo(_answer_one(question))
    elif batch is not None and out is not None:
        _answer_batch(batch, out)


def chat() -> None:
    """Talk with Gonghui in the terminal, through the same inbox and handlers as every channel."""
    asyncio.run(_converse())


def _answer_one(question: str) -> str:
    from bot.channels.terminal.render import render
    from bot.settings import load_configuration

    configuration = load_configuration()
    service = open_answers(configuration)
    answered = service.answer(question, datetime.now(UTC))
    return render(answered.reply, configuration.base_url)


def open_answers(configuration: "Configuration", *, complete: bool = False) -> "AnswerService":
    """The answering service over the live base; a first use imports the shipped base.

    `complete` builds what is missing of the index, with a progress bar, and makes every answer
    wait for all encoders; otherwise the best index to be had within seconds is used.
    """
    from bot.answers.assembly import make_answers, make_rankers
    from bot.wording import load_wording

    settings = configuration.settings
    service = make_answers(settings, load_wording(settings.content_dir / "replies"))
    base = live_base(configuration)
    rankers = make_rankers(settings, patient=complete)
    if complete:
        with _progress() as advance:
            service.use(base, rankers.complete(base, advance))
    else:
        service.use(base, rankers.quick(base)[0])
    return service


def live_base(configuration: "Configuration") -> "FaqBase":
    """The live base; a first use imports the shipped one."""
    from bot.answers.base import make_base
    from bot.store.peek import peek_base

    found = peek_base(configuration.database_url)
    return make_base(*(found or asyncio.run(_prepared_base(configuration))))


async def _prepared_base(configuration: "Configuration") -> "tuple[dict[str, str], str, dict[str, date]]":
    from bot.answers.knowledge.confirming import days, read_standing
    from bot.app import build

    program = build(configuration)
    try:
        await program.prepare_base()
        async with program.store.read() as work:
            return await work.entries.current(), await work.entries.revision(), days(await read_standing(work))
    finally:
        await program.store.close()


class _progress:  # noqa: N801 - reads as a statement
    """A progress bar on the terminal's error stream; shows nothing when nothing has to be done."""

    def __enter__(self) -> Callable[[int, int], object]:
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("encoding", total=None, visible=False)
        return lambda done, total: self._bar.update(task, completed=done, total=total, visible=True)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _answer_batch(batch: Path, out: Path) -> None:
    from bot.channels.terminal.render import render
    from bot.settings import load_configuration

    questions = list(_read_questions(batch))
    configuration = load_configuration()
    service = open_answers(configuration, complete=True)
    service.answer("预热", datetime.now(UTC))  # models load on first use; that is not an answer's time
    with out.open("w", encoding="utf-8") as file:
        for item in questions:
            start = time.perf_counter()
            answered = service.answer(item["question"], datetime.now(UTC))
            ms = (time.perf_counter() - start) * 1000
            line = {
                "id": item["id"],
                "outcome": answered.outcome.value,
                "topics": list(answered.ranked.topics),
                "scores": [round(score, 4) for score in answered.ranked.scores],
                "text": render(answered.reply, configuration.base_url),
                "citations": list(answered.citations),
                "ms": round(ms, 2),
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _read_questions(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a question file. Raises ContentError with every fault, by line."""
    faults: list[str] = []
    items: list[dict[str, Any]] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError([f"{path}: cannot be read ({type(error).__name__})"]) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if not isinstance(item, dict) or not isinstance(item.get("question"), str) or "id" not in item:
            faults.append(f'{path}:{number}: must be a JSON object with "id" and "question"')
        else:
            items.append(item)
    if faults:
        raise ContentError(faults)
    yield from items


async def _converse() -> None:
    import secrets

    from bot.channels.terminal.render import render
    from bot.commands.context import open_program
    from bot.messages import Kind, Message

    program = open_program()
    session = secrets.token_hex(8)
    async with program.running():
        typer.echo(program.wording("chat.start"))
        loop = asyncio.get_running_loop()
        for number in range(1_000_000):
            line = await loop.run_in_executor(None, _read_line)
            if line is None:
                break
            message = Message(
                channel=TERMINAL,
                sender=session,
                key=f"{session}-{number}",
                kind=Kind.TEXT,
                received_at=program.clock.now(),
                text=line,
            )
            reply = await program.inbox.receive(message)
            if reply is not None:
                typer.echo("\n" + render(reply, program.configuration.base_url) + "\n")


def _read_line() -> str | None:
    """A line that somebody typed; None at the end of input."""
    if sys.stdin.isatty():
        sys.stdout.write("> ")
        sys.stdout.flush()
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None
