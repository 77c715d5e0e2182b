"""`gonghui backup` and `gonghui restore`: a copy of the database, and the way back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import Program


def backup() -> None:
    """Copy the database, checked, into <data_dir>/backups; the service may go on running."""
    from bot.commands.context import open_program

    path = open_program().backups.make("by-hand")
    typer.echo(f"{path}\n备份完成并已校验。")
    typer.echo("解读备份需要密钥：请把 keys.json（或 GONGHUI_KEYS）另存一处，不要与备份放在一起。")


def restore(
    copy: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a file of <data_dir>/backups")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Make the database what the copy holds. What is there now is copied first.

    Stop the service before: it would go on with what it remembers. A copy of an older version
    is brought up to date at the next start.
    """
    from bot.commands.context import open_program

    if not yes:
        typer.confirm(f"用 {copy.name} 替换现在的数据库？（现有数据会先自动备份）", abort=True)
    program = open_program()
    before = program.backups.restore(copy)
    asyncio.run(_check_keys(program))
    typer.echo("已恢复。" + (f"恢复前的数据在 {before}" if before else ""))


async def _check_keys(program: "Program") -> None:
    """Warn when the key ring is not that of the restored data. Writes nothing."""
    from bot.errors import CannotOpen, StoreUnavailable
    from bot.ops.health import SEEN

    try:
        async with program.store.read() as work:
            await work.values.find(SEEN, program.clock.now())
    except CannotOpen:
        typer.echo("! 现在的密钥打不开这份数据：请换回备份当时的 keys.json（或 GONGHUI_KEYS）。", err=True)
    except StoreUnavailable:
        pass  # an older version may lack the table; the next start migrates
    finally:
        await program.store.close()
