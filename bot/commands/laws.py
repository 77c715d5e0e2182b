"""`gonghui laws`: statute texts, loaded by the operator, and the register of laws."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.app import Program
    from bot.laws.register import Law, LawRegister
    from bot.laws.statutes import StatuteFile
    from bot.publishing.law_reviews import CitingEntry, LawReview

app = typer.Typer(no_args_is_help=True, help="Statute texts and the register of laws.")


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON lines, one article each: law, full_title, article, suffix, text")],
) -> None:
    """Load statute texts; those of a law replace what was loaded of it. Nothing is loaded from a faulty file.

    Where the text of an article is another than before, the entries and posts that cite it are listed for review.
    """
    from bot.commands.context import open_program
    from bot.laws.register_files import load_register

    statutes = _read(file)
    program = open_program()
    register = load_register(program.configuration.settings.content_dir / "laws")
    reviews = asyncio.run(_load(program, statutes))
    articles = sum(map(len, statutes.laws.values()))
    print(f"{articles} articles of {len(statutes.laws)} laws loaded; {statutes.without_text} lines had no text")
    print("\n".join(_differences(statutes, register)), end="")
    print("".join(f"{line}\n" for line in _to_review(reviews)), end="")


def _read(file: Path) -> "StatuteFile":
    """The texts of the file. Raises ContentError with every bad line."""
    from bot.errors import ContentError
    from bot.laws.statutes import parse_statutes

    try:
        with file.open(encoding="utf-8") as lines:
            return parse_statutes(lines, str(file))
    except UnicodeDecodeError:
        raise ContentError([f"{file}: is not UTF-8 text"]) from None
    except OSError as error:
        raise ContentError([f"{file}: cannot be read ({error.strerror})"]) from None


async def _load(program: "Program", statutes: "StatuteFile") -> "list[LawReview]":
    from bot.publishing.law_reviews import changed_articles

    now = program.clock.now()
    reviews: list[LawReview] = []
    async with program.maintained(), program.store.write() as work:
        before = await work.articles.texts()
        entries = _citing_entries(await work.entries.current())
        for law, texts in statutes.laws.items():
            old = {(article, suffix): text for (of, article, suffix), text in before.items() if of == law}
            new = {(text.article, text.suffix): text.text for text in texts}
            await work.articles.replace(law, texts)
            reviews += await program.newsroom.law_reviews.note(work, law, changed_articles(old, new), entries, now)
        await work.commit()
    return reviews


def _citing_entries(sources: "Mapping[str, str]") -> "list[CitingEntry]":
    """The entries of the live base; one that an older program wrote and nobody can read is left out."""
    from bot.answers.content import readable_entry
    from bot.publishing.law_reviews import CitingEntry

    entries = {topic: readable_entry(source) for topic, source in sources.items()}
    return [CitingEntry(topic, entry.title, entry.citations) for topic, entry in entries.items() if entry is not None]


def _to_review(reviews: "list[LawReview]") -> "Iterator[str]":
    """What has to be read again; the console lists it until somebody has done so."""
    if reviews:
        yield f"{len(reviews)} entries and posts cite what has changed; the console lists them until they are reviewed:"
    for review in reviews:
        yield f"  {review.kind} {review.subject}: {review.title} ({review.law} {'、'.join(review.articles)})"


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
    from bot.commands.context import open_program
    from bot.laws.register_files import load_register

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
