"""`gonghui backup` and `gonghui restore`: a copy of database and files, the key ring apart, and the way back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Program
    from bot.keyring import KeyRing
    from bot.settings import Configuration

DAMAGED = 1
_SHOWN = 5


def backup(
    *,
    keys: Annotated[
        Path | None, typer.Option("--keys", help="copy the key ring there too: another disk than that of the copies")
    ] = None,
) -> None:
    """Copy database and files, checked, into <data_dir>/backups; the service may go on running.

    The key ring is never among it. With --keys it is copied to a file of its own, mode 600.
    """
    from bot.commands.context import open_program

    program = open_program()
    if keys is not None:
        _check_apart(program.configuration, keys)
    asyncio.run(_keep_head(program))
    path = program.backups.make("by-hand")
    contents = program.backups.contents(path)
    typer.echo(f"{path}\n备份完成并已校验：数据库，材料 {contents.files - len(contents.lost)} 个。")
    if keys is not None:
        from bot.keyring import replace_key_ring

        replace_key_ring(keys, program.keys)
        typer.echo(f"密钥环另存在 {keys}（权限 600）。请与备份分开保管。")
    else:
        typer.echo("解读备份需要密钥：请把 keys.json（或 GONGHUI_KEYS）另存一处，不要与备份放在一起。")
    if contents.lost:
        typer.echo(f"! 有 {len(contents.lost)} 个材料在磁盘上找不到：{_names(contents.lost)}", err=True)
        raise typer.Exit(DAMAGED)


def restore(
    copy: Annotated[Path, typer.Argument(exists=True, help="a copy in <data_dir>/backups, or an older .db or .dump")],
    *,
    keys: Annotated[
        Path | None, typer.Option("--keys", exists=True, dir_okay=False, help="the key ring, where there is none here")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="read the copy through and change nothing")] = False,
    despite_damage: Annotated[
        bool, typer.Option("--despite-damage", help="restore although files of the copy are damaged")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Make database and files what the copy holds. What is there now is copied first.

    Stop the service before: it would go on with what it remembers. A copy of an older version
    is brought up to date at the next start.
    """
    from bot.commands.context import open_program
    from bot.settings import load_configuration

    if check:
        _check(copy)
        return
    if not yes:
        typer.confirm(f"用 {copy.name} 替换现在的数据库和材料？（现有数据会先自动备份）", abort=True)
    _install_keys(load_configuration(), keys)
    program = open_program()
    before = program.backups.restore(copy.absolute(), despite_damage=despite_damage)
    typer.echo("已恢复。" + (f"恢复前的数据在 {before}" if before else ""))
    asyncio.run(_look_at_restored(program))


def _check(copy: Path) -> None:
    """Tell whether the copy is whole. Needs no key ring, and makes none."""
    from bot.app import make_backups
    from bot.clock import SystemClock
    from bot.settings import load_configuration

    configuration = load_configuration()
    backups = make_backups(configuration, SystemClock())
    broken = backups.check(copy.absolute())
    contents = backups.contents(copy)
    typer.echo(f"数据库完好；材料 {contents.files} 个，备份时已找不到的 {len(contents.lost)} 个。")
    if broken:
        typer.echo(f"! {len(broken)} 个文件缺失或损坏：{_names(broken)}", err=True)
        raise typer.Exit(DAMAGED)
    typer.echo("全部文件的校验和相符。")


def _check_apart(configuration: "Configuration", keys: Path) -> None:
    """The ring goes neither among the copies nor over another ring. Raises KeyRingError."""
    from bot.errors import KeyRingError
    from bot.keyring import load_key_ring

    data_dir = configuration.settings.data_dir.resolve()
    if keys.is_dir():
        raise KeyRingError(f"{keys} is a folder: name a file")
    if keys.resolve().is_relative_to(data_dir):
        raise KeyRingError(f"{keys} lies in the data folder: keys are kept apart from the copies")
    if keys.exists():
        held, present = load_key_ring(keys), _ring(configuration)
        if held.pepper != present.pepper or not set(held.keys) <= set(present.keys):
            raise KeyRingError(f"{keys} is another ring: name another file")


def _ring(configuration: "Configuration") -> "KeyRing":
    from bot.app import open_keys

    return open_keys(configuration)


def _install_keys(configuration: "Configuration", keys: Path | None) -> None:
    """Put the ring in its place before anything is opened. Raises KeyRingError; overwrites no other ring."""
    from bot.errors import KeyRingError
    from bot.keyring import load_key_ring, replace_key_ring

    path = configuration.settings.data_dir / "keys.json"
    elsewhere = configuration.environment.get("GONGHUI_KEYS")
    if keys is None:
        if not elsewhere and not path.exists():
            raise KeyRingError(
                f"{path} is missing: put back the ring that belongs to the copy, or name it with --keys. "
                "A new ring could not open what is restored."
            )
        return
    ring = load_key_ring(keys)
    if elsewhere:
        raise KeyRingError("the ring comes from GONGHUI_KEYS: --keys would have no effect")
    if path.exists():
        if load_key_ring(path).document() != ring.document():
            raise KeyRingError(f"{path} is another ring: move it away first")
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_key_ring(path, ring)


async def _keep_head(program: "Program") -> None:
    from bot.operations import make_audit_heads
    from bot.ops.nightly import keep_head_if_possible

    try:
        await keep_head_if_possible(make_audit_heads(program).keep)
    finally:
        await program.store.close()


async def _look_at_restored(program: "Program") -> None:
    """Tell when the keys are not those of the data, and what the audit log lacks since then. Writes nothing."""
    from bot.errors import CannotOpen, StoreUnavailable
    from bot.ops.health import SEEN

    try:
        async with program.store.read() as work:
            await work.values.find(SEEN, program.clock.now())
        await _compare_heads(program)
    except CannotOpen:
        typer.echo("! 现在的密钥打不开这份数据：请换回备份当时的 keys.json（或 GONGHUI_KEYS）。", err=True)
    except StoreUnavailable:
        pass  # an older version may lack the table; the next start migrates
    finally:
        await program.store.close()


async def _compare_heads(program: "Program") -> None:
    from bot.audit import EMPTY
    from bot.operations import make_audit_heads

    known = make_audit_heads(program).known()
    async with program.store.read() as work:
        head, mac = await work.audit.head(), await work.audit.mac_at(known.seq)
    if known != EMPTY and mac != known.mac:
        typer.echo(
            f"审计日志回到了第 {head.seq} 条，恢复前已知的末尾是第 {known.seq} 条：这之后的记录只在恢复前的备份里。\n"
            "确认恢复无误以后，运行 gonghui audit accept，以现在的末尾为准；不然服务会一直报告 audit.broken。"
        )


def _names(ids: "Sequence[str]") -> str:
    more = " …" if len(ids) > _SHOWN else ""
    return f"{' '.join(ids[:_SHOWN])}{more}"
