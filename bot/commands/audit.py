"""`gonghui audit`: whether the audit log is whole."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app import Program
    from bot.audit import Head, Verdict

app = typer.Typer(no_args_is_help=True, help="The audit log.")

BROKEN = 1

_WORDS = {
    "altered": "{entries}被改过，或不在原来的位置",
    "missing": "{entries}被删掉了",
    "truncated": "{entries}应当还在末尾，现在没有了（末尾被截掉，或恢复了旧备份）",
    "forked": "{entries}不是原来的那一条（恢复旧备份后又继续记录）",
    "text_altered": "{entries}的文字不是当时写下的，或现在的密钥打不开",
    "text_missing": "{entries}的文字不见了，日志中没有删除它的记录",
}


@app.command()
def verify(
    heads: Annotated[
        list[str] | None, typer.Option("--head", help="an end known from elsewhere, SEQ:MAC; may be given repeatedly")
    ] = None,
) -> None:
    """Read the whole audit log: were entries changed, removed, moved, or cut off at the end? Status 1 when so.

    Compared with the end kept in <data_dir>/audit-head.json, and with those given by --head, which stand in the
    service's log (audit.head) and may be kept on paper.
    """
    from bot.audit import parse_head
    from bot.commands.context import open_program

    try:
        known = [parse_head(head) for head in heads or []]
    except ValueError:
        raise typer.BadParameter("应写成 序号:校验码（SEQ:MAC），照日志里 audit.head 那一行抄") from None
    verdict = asyncio.run(_verify(open_program(), known))
    print("\n".join(_report(verdict)))
    if not verdict.is_whole:
        raise typer.Exit(BROKEN)


@app.command()
def accept(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Take the present end of the log for the right one, as after a backup was restored. Noted in the log itself.

    What was known before stays in <data_dir>/audit-head.json among what was given up.
    """
    from bot.commands.context import open_program

    if not yes:
        typer.confirm("以现在日志的末尾为准？（只在恢复备份之后这样做）", abort=True)
    head = asyncio.run(_accept(open_program()))
    print(f"已记下：{head}")


async def _verify(program: "Program", heads: "list[Head]") -> "Verdict":
    from bot.operations import make_audit_heads

    known = make_audit_heads(program).known()
    async with program.maintained(), program.store.read() as work:
        return await work.audit.verify([*heads, known])


async def _accept(program: "Program") -> "Head":
    from bot.audit import AuditEntry
    from bot.operations import make_audit_heads
    from bot.staff.directory import COMMAND_LINE

    heads = make_audit_heads(program)
    async with program.maintained():
        async with program.store.write() as work:
            data = {"known": str(heads.known().seq), "present": str((await work.audit.head()).seq)}
            await work.audit.append(AuditEntry(COMMAND_LINE, "audit.head_accepted", data=data))
            await work.commit()
        return await heads.accept()


def _report(verdict: "Verdict") -> "Iterator[str]":
    for fault in verdict.faults:
        entries = f"第 {fault.first} 条" if fault.first == fault.last else f"第 {fault.first} 至 {fault.last} 条"
        yield _WORDS[fault.kind].format(entries=entries)
    yield f"共 {verdict.entries} 条，" + ("完好。" if verdict.is_whole else f"有 {len(verdict.faults)} 处不对。")
    yield f"末尾 {verdict.head}"
