"""`gonghui keys`: which keys there are, whether they open everything, and new ones in their place."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.app import Program
    from bot.complaints.files.check import CheckedFiles
    from bot.keyring import KeyRing
    from bot.store.resealing import Found
    from bot.store.unit_of_work import SqlStore

app = typer.Typer(no_args_is_help=True, help="The key ring: list, verify, rotate.")

_SHOWN = 5
"""So many rows that do not open are named."""


@app.command("list")
def list_keys() -> None:
    """Show the keys of the ring by their ids, and how much each has sealed. Shows no key."""
    from bot.commands.context import open_program

    program = open_program()
    typer.echo("\n".join(asyncio.run(_listed(program))))


@app.command()
def verify(
    *, files: Annotated[bool, typer.Option("--files/--no-files", help="open the files on disk as well")] = True
) -> None:
    """Open everything that is sealed. Changes nothing; status 1 when something does not open."""
    from bot.commands.context import open_program

    found, checked = asyncio.run(_verified(open_program(), files=files))
    typer.echo("\n".join(_told(found, checked)))
    if any(column.unreadable for column in found) or (checked and checked.lost):
        raise typer.Exit(1)
    typer.echo("全部能用现在的密钥环打开。")


@app.command()
def rotate(
    *,
    signing: Annotated[bool, typer.Option("--signing", help="a new key for proofs of filing as well")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="only take out keys that seal nothing any more")] = False,
    to: Annotated[Path | None, typer.Option(help="where a ring from GONGHUI_KEYS is written with its new keys")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Put new keys on the ring, seal everything anew with them, and rebuild the blind indexes.

    Stop the service before: it would go on with the ring it knows. When it was broken off, run it again: it goes
    on where it stopped and makes no further key.
    """
    from bot.commands.context import open_program

    program = open_program()
    if drop:
        asyncio.run(_drop(program, yes=yes))
        return
    if not yes:
        typer.confirm("更换密钥？请先停止服务，并确认 keys.json 和数据库各有一份新的备份", abort=True)
    if program.configuration.environment.get("GONGHUI_KEYS"):
        _rotate_elsewhere(program, to, signing=signing)
        return
    asyncio.run(_rotate(program, signing=signing))


def _path(program: "Program") -> Path:
    return program.configuration.settings.data_dir / "keys.json"


async def _rotate(program: "Program", *, signing: bool) -> None:
    from bot.keyring import replace_key_ring

    async with program.maintained():
        if await _finished(program):
            return
        ring = _renewed(program.keys, signing=signing)
        replace_key_ring(_path(program), ring)
        typer.echo(f"新密钥 {ring.keys[0][0].hex()} 已写入 {_path(program)}。请马上另存一份。")
        await _reseal(program, ring)


async def _finished(program: "Program") -> bool:
    """Whether an earlier rotation had not come to its end; then it has now."""
    from bot.store.resealing import Resealing

    if len(program.keys.keys) == 1:
        return False
    resealed = sum(column.resealed for column in await Resealing(program.store, program.keys).reseal())
    if resealed:
        typer.echo(f"上次更换没有做完：这次把剩下的 {resealed} 项做完，没有再加新密钥。")
        await _reseal(program, program.keys)
    return bool(resealed)


def _rotate_elsewhere(program: "Program", to: Path | None, *, signing: bool) -> None:
    """The environment cannot be written from here: the new ring goes to a file, and what is sealed waits."""
    from bot.errors import KeyRingError
    from bot.keyring import replace_key_ring

    if asyncio.run(_finished_here(program)):
        return
    if to is None:
        raise KeyRingError("the ring comes from GONGHUI_KEYS: name a file for the new one with --to")
    if to.exists():
        raise KeyRingError(f"{to} is there already")
    replace_key_ring(to, _renewed(program.keys, signing=signing))
    typer.echo(f"新的密钥环在 {to}。请用它替换 GONGHUI_KEYS，然后再运行一次 gonghui keys rotate，换用新密钥。")


async def _finished_here(program: "Program") -> bool:
    async with program.maintained():
        return await _finished(program)


def _renewed(ring: "KeyRing", *, signing: bool) -> "KeyRing":
    ring = ring.with_new_key().with_new_index_key()
    return ring.with_new_signing_key() if signing else ring


async def _reseal(program: "Program", ring: "KeyRing") -> None:
    from bot.complaints.reindexing import rebuild_indexes
    from bot.store.resealing import Resealing
    from bot.store.unit_of_work import SqlStore

    store = SqlStore(program.store.engine, ring, clock=program.clock)
    found = await Resealing(store, ring).reseal()
    indexed, failed = await rebuild_indexes(store.write, ring)
    resealed = sum(column.resealed for column in found)
    await _log(store, "keys.rotated", {"resealed": str(resealed), "indexed": str(indexed)})
    typer.echo(f"已重新加密 {resealed} 项，重建索引 {indexed} 项。")
    unreadable = [row for column in found for row in column.unreadable]
    if unreadable or failed:
        typer.echo("\n".join(_told([column for column in found if column.unreadable], None)), err=True)
        typer.echo(f"有 {len(unreadable) + failed} 项打不开，保持原样；请勿删除旧密钥，并检查这些记录。", err=True)
        raise typer.Exit(1)
    typer.echo("旧密钥仍留在密钥环里：旧备份、还在用的登记凭证要靠它们。现在可以启动服务。")


async def _drop(program: "Program", *, yes: bool) -> None:
    from bot.keyring import replace_key_ring

    async with program.maintained():
        used = await _uses(program, program.keys)
        unused = [id for id, _ in program.keys.keys[1:] if not used.get(id.hex())]
        if program.configuration.environment.get("GONGHUI_KEYS"):
            typer.echo(f"密钥环在 GONGHUI_KEYS 里，请在那里去掉：{_names(unused)}")
            return
        if not unused:
            typer.echo("没有可以去掉的密钥：每一把都还在用。")
            return
        if not yes:
            typer.confirm(f"去掉 {_names(unused)}？用它们加密的旧备份以后就读不出来了", abort=True)
        replace_key_ring(_path(program), program.keys.without_keys(unused))
        await _log(program.store, "keys.dropped", {"keys": str(len(unused))})
        typer.echo(f"已去掉 {_names(unused)}。")


async def _log(store: "SqlStore", action: str, data: "Mapping[str, str]") -> None:
    from bot.audit import SYSTEM, AuditEntry

    async with store.write() as work:
        await work.audit.append(AuditEntry(SYSTEM, action, data=data))
        await work.commit()


async def _uses(program: "Program", ring: "KeyRing") -> dict[str, int]:
    """How many values each key has sealed."""
    from bot.store.resealing import Resealing

    used: dict[str, int] = {}
    for column in await Resealing(program.store, ring).uses():
        for id, values in column.by_key.items():
            used[id] = used.get(id, 0) + values
    return used


async def _listed(program: "Program") -> list[str]:
    from bot.complaints.worker.proofs import public_keys

    ring = program.keys
    async with program.maintained():
        used = await _uses(program, ring)
        async with program.store.read() as work:
            indexed = await work.blind.versions()
    lines = ["加密密钥（第一把用来加密，其余只用来打开）："]
    lines += [f"  {id.hex()}  {used.pop(id.hex(), 0)} 项" for id, _ in ring.keys]
    lines += [f"  {id}  {values} 项，密钥不在环上！" for id, values in sorted(used.items())]
    lines += ["索引密钥（最新的在前）："]
    lines += [f"  {version}  {indexed.get(version, 0)} 项" for version in ring.index_versions]
    lines += ["登记证明签名公钥（第一把用来签名）："]
    return lines + [f"  {id}  {public}" for id, public in public_keys(ring)]


async def _verified(program: "Program", *, files: bool) -> "tuple[list[Found], CheckedFiles | None]":
    from bot.complaints.files.check import check_files
    from bot.store.resealing import Resealing

    try:
        found = await Resealing(program.store, program.keys).verify()
        if not files:
            return found, None
        async with program.store.read() as work:
            return found, await check_files(work, program.files)
    finally:
        await program.store.close()


def _told(found: "Sequence[Found]", checked: "CheckedFiles | None") -> list[str]:
    lines = [f"{column.column}: {column.values} 项" + _faults(column.unreadable) for column in found]
    if checked is not None:
        lines.append(f"files: {checked.files} 个" + _faults(checked.lost))
    return lines


def _faults(names: "Sequence[str]") -> str:
    if not names:
        return ""
    more = " …" if len(names) > _SHOWN else ""
    return f"，{len(names)} 项打不开：{' '.join(names[:_SHOWN])}{more}"


def _names(ids: "Sequence[bytes]") -> str:
    return " ".join(id.hex() for id in ids)
