"""`gonghui posts`: posts between files and the newsroom, checking them, and how they will look."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from bot.app import Program
    from bot.commands.post_previews import Shown
    from bot.publishing.editing import Import
    from bot.publishing.post_files import PostFile
    from bot.publishing.posts import Content, Post
    from bot.store.unit_of_work import UnitOfWork

app = typer.Typer(no_args_is_help=True, help="Posts: explainers and news.")

IMPORTED_BY = "import"
MEDIA_FOLDER = "media"
_BATCH = 200
Folder = Annotated[Path | None, typer.Argument(help="folder of posts; the shipped content/explainers without it")]


@app.command(name="import")
def import_(
    folder: Folder = None,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="replace what was edited in the console; it stays among the versions")
    ] = False,
) -> None:
    """Bring the posts of a folder in as drafts; what is newer in the console is kept. None when one is faulty."""
    from bot.commands.context import open_program
    from bot.commands.post_pictures import read_pictures

    program = open_program()
    folder = _shown(folder or program.configuration.settings.content_dir / "explainers")
    files, pictures = _importable(folder), read_pictures(folder / MEDIA_FOLDER)
    print("\n".join(_import_report(asyncio.run(_import(program, files, pictures, force=force)))))


async def _import(
    program: "Program", files: "list[PostFile]", pictures: "Mapping[str, bytes]", *, force: bool
) -> "dict[str, Import]":
    now = program.clock.now()
    done: dict[str, Import] = {}
    async with program.maintained(), program.store.write() as work:
        for data in pictures.values():
            await work.pictures.put(data, now)
        for file in files:
            done[file.content.slug] = await program.newsroom.editing.import_content(
                work, IMPORTED_BY, file.content, now, force=force
            )
        await work.commit()
    return done


def _importable(folder: Path) -> "list[PostFile]":
    from bot.errors import ContentError

    files, faults = _read(folder)
    if not files and not faults:
        faults = [f"{folder}: holds no posts (name.md)"]
    if faults:
        raise ContentError([*faults, "nothing was imported"])
    return files


def _read(folder: Path) -> "tuple[list[PostFile], list[str]]":
    from bot.errors import ContentError
    from bot.publishing.post_files import read_posts

    if not folder.is_dir():
        raise ContentError([f"{folder}: is not a folder"])
    return read_posts(folder)


def _import_report(done: "Mapping[str, Import]") -> "Iterator[str]":
    from bot.publishing.editing import Import

    for slug, what in done.items():
        if what is Import.KEPT:
            yield f"{slug}: kept, the console has another version (--force replaces it)"
        elif what is not Import.UNCHANGED:
            yield f"{slug}: {what}"
    counts = {what: list(done.values()).count(what) for what in Import}
    yield ", ".join(f"{count} {what}" for what, count in counts.items())


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="folder to write to; made when it is not there")]) -> None:
    """Write all posts to files as they stand, with the pictures that staff have uploaded."""
    from bot.commands.context import open_program
    from bot.commands.post_pictures import write_pictures
    from bot.publishing.post_files import post_files, render_post

    contents, pictures = asyncio.run(_everything(open_program()))
    folder.mkdir(parents=True, exist_ok=True)
    for content in contents:
        (folder / f"{content.slug}.md").write_text(render_post(content), encoding="utf-8", newline="\n")
    write_pictures(pictures, folder / MEDIA_FOLDER)
    for path in sorted(set(post_files(folder)) - {folder / f"{content.slug}.md" for content in contents}):
        print(f"{path}: is not among the posts, left alone")
    print(f"{len(contents)} posts and {len(pictures)} pictures in {folder}")


async def _everything(program: "Program") -> "tuple[list[Content], dict[str, bytes]]":
    from bot.commands.post_pictures import uploaded_pictures

    async with program.maintained(), program.store.read() as work:
        contents = [post.content async for post in _all_posts(work)]
        return contents, await uploaded_pictures(work, contents)


async def _all_posts(work: "UnitOfWork") -> "AsyncIterator[Post]":
    offset = 0
    while True:
        posts, total = await work.posts.list(offset=offset, limit=_BATCH)
        for post in posts:
            yield post
        offset += len(posts)
        if not posts or offset >= total:
            return


@app.command()
def check(
    folder: Folder = None,
    *,
    no_warnings: Annotated[bool, typer.Option("--no-warnings", help="show errors only")] = False,
) -> None:
    """Check the posts of a folder for all channels, on or off; every finding with file and line.

    Status 1 when there are errors.
    """
    from bot.commands.loaded_texts import loaded_texts
    from bot.commands.post_checks import checked, strict_newsroom
    from bot.settings import load_configuration

    configuration = load_configuration()
    folder = _shown(folder or configuration.settings.content_dir / "explainers")
    files, faults = _read(folder)
    texts = loaded_texts(configuration)
    findings = checked(strict_newsroom(configuration), files, folder, texts)
    errors = [*faults, *(str(finding) for finding in findings if finding.is_error)]
    warnings = [str(finding) for finding in findings if not finding.is_error]
    print("\n".join([*errors, *([] if no_warnings else warnings)]), end="\n" if errors or warnings else "")
    compared = f"{len(texts)} articles" if texts else "no statute texts loaded"
    print(f"{len(errors)} errors, {len(warnings)} warnings in {len(files)} posts ({compared})")
    if errors:
        raise typer.Exit(1)


@app.command()
def preview(
    post: Annotated[str, typer.Argument(help="a file, or the name of a post in the newsroom")],
    *,
    channel: Annotated[str, typer.Option("--channel", help="this channel only")] = "",
    html: Annotated[Path | None, typer.Option("--html", help="write pages to this folder instead of printing")] = None,
) -> None:
    """Show a post as each of its channels will get it."""
    from bot.commands.context import open_program
    from bot.commands.post_previews import preview_page, preview_text
    from bot.publishing.post_files import read_post

    path = Path(post)
    content = read_post(path.read_text(encoding="utf-8"), path).content if path.is_file() else None
    if html is not None:
        html.mkdir(parents=True, exist_ok=True)
    for shown in asyncio.run(_previews(open_program(), content or post, channel)):
        if html is None:
            print(preview_text(shown))
            continue
        page = html / f"{shown.slug}.{shown.channel}.html"
        page.write_text(preview_page(shown), encoding="utf-8")
        print(page)


async def _previews(program: "Program", post: "Content | str", channel: str) -> "list[Shown]":
    from bot.commands.post_pictures import shown_pictures
    from bot.commands.post_previews import Shown
    from bot.errors import ContentError

    newsroom = program.newsroom
    async with program.maintained(), program.store.read() as work:
        content = await _named(work, post) if isinstance(post, str) else post
        pictures = await shown_pictures(work, newsroom.typesetter, content)
    renderings = newsroom.typesetter.renderings(content, only=[channel] if channel else ())
    shown = [
        Shown(
            slug=content.slug,
            title=content.title,
            channel=each.channel,
            name=newsroom.words.channel(each.channel),
            preview=newsroom.renderers[each.channel].preview(each, pictures),
        )
        for name, each in renderings.items()
        if name == each.channel
    ]
    if not shown:
        raise ContentError([f"{content.slug}: does not go to {channel or 'any channel'}"])
    return shown


async def _named(work: "UnitOfWork", name: str) -> "Content":
    from bot.errors import ContentError

    post = await work.posts.find_slug(name)
    if post is None:
        raise ContentError([f"{name}: is neither a file nor a post in the newsroom"])
    return post.content


def _shown(path: Path) -> Path:
    """The path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
