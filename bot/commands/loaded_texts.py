"""The statute texts that an operator has loaded, for checks that must not be what creates the database."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bot.settings import Configuration

_SQLITE = "sqlite+aiosqlite:///"


def loaded_texts(configuration: "Configuration") -> "dict[tuple[str, int, int], str]":
    """The texts by law, article and suffix; none where there is no database, or this program never opened it."""
    url = configuration.database_url
    if url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists():
        return {}
    return asyncio.run(_read(configuration))


async def _read(configuration: "Configuration") -> "dict[tuple[str, int, int], str]":
    from bot.app import build
    from bot.errors import StoreUnavailable

    program = build(configuration)
    try:
        async with program.store.read() as work:
            return await work.articles.texts()
    except StoreUnavailable as error:
        typer.echo(f"statute texts are not compared: {error}", err=True)
        return {}
    finally:
        await program.store.close()
