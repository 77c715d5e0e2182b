"""`gonghui laws`: statute texts, loaded by the operator, and the register of laws."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.answers.laws import Law, LawRegister
    from bot.answers.statutes import StatuteFile
    from bot.app import Program

app = typer.Typer(no_args_is_help=True, help="Statute texts and the register of laws.")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON lines, one article each: law, full_title, article, suffix, text")],
) -> None:
    """Load statute texts; those of a law replace what was loaded of it. Nothing is loaded from a faulty file."""
    from bot.answers.law_files import load_register
    from bot.commands.context import open_program

    statutes = _read(file)
    program = open_program()
    register = load_register(program.configuration.settings.content_dir / "laws")
    asyncio.run(_load(program, statutes))
    articles = sum(map(len, statutes.laws.values()))
    print(f"{articles} articles of {len(statutes.laws)} laws loaded; {statutes.without_text} lines had no text")
    print("\n".join(_differences(statutes, register)), end="")


def _read(file: Path) -> "StatuteFile":
    """The texts of the file. Raises ContentError with every bad line."""
    from bot.answers.statutes import parse_statutes
    from bot.errors import ContentError

    try:
        with file.open(encoding="utf-8") as lines:
            return parse_statutes(lines, str(file))
    except UnicodeDecodeError:
        raise ContentError([f"{file}: is not UTF-8 text"]) from None
    except OSError as error:
        raise ContentError([f"{file}: cannot be read ({error.strerror})"]) from None


async def _load(program: "Program", statutes: "StatuteFile") -> None:
    from bot.store.entries import Article

    async with program.maintained(), program.store.write() as work:
        for law, texts in statutes.laws.items():
            await work.articles.replace(law, [Article(**asdict(text)) for text in texts])
        await work.commit()


def _differences(statutes: "StatuteFile", register: "LawRegister") -> "Iterator[str]":
    """What the file and the register do not agree on: somebody has to look at it."""
    for name, texts in statutes.laws.items():
        law = register.laws.get(name)
        if law is None:
            yield f"{name}: is not in content/laws/laws.yaml, so entries cannot cite it\n"
            continue
        last = max(text.article for text in texts)
        if last != law.articles:
            yield f"{name}: the last article loaded is {last}, content/laws/laws.yaml says {law.articles}\n"
        version = texts[0].version
        if version and law.version and version != law.version.isoformat():
            yield f"{name}: version {version} is loaded, content/laws/laws.yaml says {law.version}\n"


@app.command(name="list")
def list_(
    *, loaded: Annotated[bool, typer.Option("--loaded", help="only laws whose text has been loaded")] = False
) -> None:
    """The register of laws, and how many articles of each have been loaded."""
    from bot.answers.law_files import load_register
    from bot.commands.context import open_program

    program = open_program()
    register = load_register(program.configuration.settings.content_dir / "laws")
    counts = asyncio.run(_counts(program))
    _print_laws([law for law in register.laws.values() if law.name in counts or not loaded], counts)
    texts = sum(counts.values())
    print(f"{len(register.laws)} laws, {len(register.documents)} documents without text; {texts} articles loaded")


async def _counts(program: "Program") -> dict[str, int]:
    async with program.maintained(), program.store.read() as work:
        return await work.articles.laws()


def _print_laws(laws: "list[Law]", counts: "Mapping[str, int]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("law", overflow="fold", min_width=24)
    for heading in ("kind", "status", "in force since", "articles", "loaded"):
        table.add_column(heading, no_wrap=True)
    for law in laws:
        since, loaded = law.effective or "", counts.get(law.name, "")
        table.add_row(law.name, law.kind, law.status, str(since), str(law.articles), str(loaded))
    Console().print(table)
