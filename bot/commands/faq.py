"""`gonghui faq`: entries between files and the base, and checking them."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import faq_confirm, faq_eval, faq_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from bot.answers.check import Rules
    from bot.answers.content import Imported
    from bot.answers.entries import Entry
    from bot.app import Program
    from bot.settings import Configuration

app = typer.Typer(no_args_is_help=True, help="The FAQ base.")
app.command("eval")(faq_eval.evaluate)
app.command("confirm")(faq_confirm.confirm)
app.command("list")(faq_list.list_)

IMPORTED_BY = "import"
_SAMPLE_ADDRESS = "https://gonghui.a-rather-long-city-name.gov.cn"
_UNLIMITED = 1_000_000

Folder = Annotated[Path | None, typer.Argument(help="folder of entries; the shipped content/faq without it")]


@app.command(name="import")
def import_(
    folder: Folder = None,
    *,
    retire_others: Annotated[
        bool, typer.Option("--retire-others", help="take entries that are not in the folder out of the base")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="replace entries that staff have written in the console, too")
    ] = False,
) -> None:
    """Bring the entries of a folder into the base as new versions; none when one is faulty.

    An entry whose live version was written in the console is kept and named; --force replaces it.
    """
    from bot.commands.context import open_program

    print("\n".join(asyncio.run(_import(open_program(), folder, retire_others=retire_others, force=force))))


async def _import(program: "Program", folder: Path | None, *, retire_others: bool, force: bool) -> list[str]:
    from bot.answers.content import import_entries

    content = program.configuration.settings.content_dir
    entries = _importable(program, _shown(folder or content / "faq"), content / "laws")
    async with program.maintained(), program.store.write() as work:
        imported = await import_entries(
            entries, work.entries, IMPORTED_BY, program.clock.now(), retire_others=retire_others, overwrite=force
        )
        await work.commit()
    return list(_import_report(imported))


def _importable(program: "Program", folder: Path, laws: Path) -> "dict[str, Entry]":
    """The entries of the folder. Raises ContentError with all faults of all files."""
    from bot.answers.check import unresolved_citations
    from bot.answers.content import read_files
    from bot.clock import local_date
    from bot.errors import ContentError
    from bot.laws.register_files import load_register

    if not folder.is_dir():
        raise ContentError([f"{folder}: is not a folder"])
    files, faults = read_files(folder)
    faults += unresolved_citations(files, load_register(laws), local_date(program.clock.now()))
    if not files and not faults:
        faults = [f"{folder}: holds no entries (category/topic.md)"]
    if faults:
        raise ContentError([*faults, "nothing was imported"])
    return {file.entry.topic: file.entry for file in files}


def _import_report(imported: "Imported") -> "Iterator[str]":
    new = [topic for topic, what in imported.changes.items() if what == ("new",)]
    for topic, what in imported.changes.items():
        if topic not in new:
            yield f"{topic}: {'; '.join(what)}"
    yield from (f"{topic}: new" for topic in new)
    yield from (f"{topic}: retired" for topic in imported.retired)
    for topic in imported.overwritten:
        yield f"{topic}: the version written in the console was replaced or taken out; it stays among its versions"
    for topic in imported.kept:
        yield f"{topic}: kept, it was changed in the console (faq export writes it to its file; --force replaces it)"
    changed = len(imported.saved) - len(new)
    kept = f", {len(imported.kept)} kept" if imported.kept else ""
    yield f"{len(new)} new, {changed} changed, {imported.unchanged} unchanged, {len(imported.retired)} retired{kept}"


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="folder to write to; made when it is not there")]) -> None:
    """Write the entries of the base to files, each as it was written."""
    from bot.commands.context import open_program

    print("\n".join(asyncio.run(_export(open_program(), folder))))


async def _export(program: "Program", folder: Path) -> list[str]:
    from bot.answers.content import export_entries
    from bot.errors import ContentError

    async with program.maintained(), program.store.read() as work:
        sources = await work.entries.current()
    if not sources:
        raise ContentError(["the base holds no entries; gonghui faq import brings some in"])
    written, others = export_entries(sources, folder)
    return [*(f"{path}: is not in the base, left alone" for path in others), f"{len(written)} entries in {folder}"]


@app.command()
def new(
    topic: Annotated[str, typer.Argument(help="the topic, such as wage.arrears")],
    folder: Annotated[Path | None, typer.Option(help="folder of entries; content/faq without it")] = None,
) -> None:
    """Write the skeleton of an entry, to be filled in."""
    from bot.answers.content import new_entry
    from bot.settings import load_configuration

    settings = load_configuration().settings
    folder = _shown(folder or settings.content_dir / "faq")
    print(new_entry(folder, topic, settings.federation.regions[0], _today()))


@app.command()
def check(
    folder: Folder = None,
    *,
    no_warnings: Annotated[bool, typer.Option("--no-warnings", help="show errors only")] = False,
) -> None:
    """Check the entries of a folder; every finding with file and line. Status 1 when there are errors."""
    from bot.answers.check import check_folder
    from bot.commands.loaded_texts import loaded_texts
    from bot.errors import ContentError
    from bot.laws.findings import Level
    from bot.settings import load_configuration

    configuration = load_configuration()
    folder = _shown(folder or configuration.settings.content_dir / "faq")
    if not folder.is_dir():
        raise ContentError([f"{folder}: is not a folder"])
    texts = loaded_texts(configuration)
    rules = check_rules(configuration, _today(), texts)
    findings = check_folder(folder, rules)
    errors = [finding for finding in findings if finding.level is Level.ERROR]
    for finding in errors if no_warnings else findings:
        print(finding)
    compared = f"{len(texts)} articles" if texts else "no statute texts loaded"
    print(f"{len(errors)} errors, {len(findings) - len(errors)} warnings ({compared})")
    if errors:
        raise typer.Exit(1)


def check_rules(configuration: "Configuration", on: "date", statutes: "Mapping[tuple[str, int, int], str]") -> "Rules":
    """What entries are checked against in this installation on that day."""
    from bot.answers.check import Rules
    from bot.channels.wechat.render import TEXT_BYTES
    from bot.laws.register_files import load_register

    settings = configuration.settings
    return Rules(
        register=load_register(settings.content_dir / "laws"),
        regions=settings.federation.regions,
        on=on,
        most_bytes=TEXT_BYTES,
        bytes_of=_measure(configuration, on),
        statutes=statutes,
    )


def _measure(configuration: "Configuration", on: "date") -> "Callable[[Entry, Sequence[Entry]], int]":
    """How many bytes an entry takes as a WeChat message when nothing is cut."""
    from bot.answers.compose import Composer
    from bot.channels.wechat.render import render_text
    from bot.wording import load_wording

    settings = configuration.settings
    federation = settings.federation
    composer = Composer(
        load_wording(settings.content_dir / "replies"),
        federation.hotline,
        federation.regions,
        takes_complaints=settings.complaints.enabled,
    )
    address = settings.web.base_url or _SAMPLE_ADDRESS

    def measure(entry: "Entry", related: "Sequence[Entry]") -> int:
        return len(render_text(composer.entry(entry, related, on), address, _UNLIMITED).encode())

    return measure


def _today() -> "date":
    from bot.clock import SystemClock, local_date

    return local_date(SystemClock().now())


def _shown(path: Path) -> Path:
    """The path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
