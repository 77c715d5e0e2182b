"""`gonghui retention`: what has been kept for long enough, and its end."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import Program
    from bot.complaints.retention import DueCase, Expired

_SHOWN = 20
_MOST = 100_000


def retention(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only tell what would be deleted")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Delete what has been kept for longer than `complaints.retention` in config.yaml says.

    The content of closed cases, texts of the audit log, votes, old notices, details of answered calls. Numbers,
    codes and days of cases stay, and so do counts; the audit log stays whole.
    """
    from bot.commands.context import open_program

    asyncio.run(_retain(open_program(), dry_run=dry_run, yes=yes))


async def _retain(program: "Program", *, dry_run: bool, yes: bool) -> None:
    async with program.maintained():
        expired, due = await _rehearsed(program)
        typer.echo("\n".join(_told(program, expired, due)))
        if dry_run:
            typer.echo("以上只是演练，没有删除任何东西。")
            return
        if expired.is_nothing and not due:
            return
        if not yes:
            typer.confirm("现在删除？删除以后谁也找不回来（旧备份里的到期才清除）", abort=True)
        await _deleted(program)


async def _rehearsed(program: "Program") -> "tuple[Expired, list[DueCase]]":
    """What would happen, found out by doing it in a transaction that is given up."""
    now, retention = program.clock.now(), program.retention
    async with program.store.write() as work:
        expired = await retention.expire(work, now)
    async with program.store.read() as work:
        return expired, await retention.due(work, now, limit=_MOST)


async def _deleted(program: "Program") -> None:
    from bot.keeping import delete_due
    from bot.staff.directory import COMMAND_LINE

    async with program.store.write() as work:
        await program.retention.expire(work, program.clock.now())
        await work.commit()
    cases = await delete_due(program, by=COMMAND_LINE)
    typer.echo(f"已删除：{cases} 件案件的内容，以及上面列出的其他到期内容。")


def _told(program: "Program", expired: "Expired", due: "list[DueCase]") -> list[str]:
    lines = [f"办结案件的内容: {len(due)} 件"]
    for one in due[:_SHOWN]:
        words = program.wording(f"complaint.state.{one.case.state}")
        lines.append(f"  {one.case.number}  {words}  保存 {one.years} 年，{one.due_on:%Y-%m-%d} 到期")
    if len(due) > _SHOWN:
        lines.append(f"  …… 另有 {len(due) - _SHOWN} 件")
    lines.append(f"审计日志里的文字: {expired.audit_texts} 处（记录本身不删）")
    lines += [f"对解答的评价: {expired.votes} 条", f"已发出或放弃的提醒: {expired.notices} 条"]
    return [*lines, f"当场答复的来电: {expired.calls} 个，删去谁接的、问的哪条（计数不删）"]
