"""`gonghui staff`: accounts for the console, also where nobody can sign in yet. Each change is audited."""

import asyncio
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app import Program
    from bot.roles import Role
    from bot.staff.directory import NewPassword
    from bot.staff.members import StaffMember

app = typer.Typer(no_args_is_help=True, help="Accounts of staff for the console.")

REFUSED = 2

_T = TypeVar("_T")

_WHY = {
    "login": "登录名用小写字母、数字和 . _ -，2 至 32 个字符",
    "name": "要有姓名（不超过 64 个字）",
    "role": "没有这个角色；可用的有 administrator、supervisor、cadre、operator、publicist、leader",
    "districts": "区县不对：维权干部至少要有一个，写 config.yaml 中 complaints.districts 的 id",
    "last_administrator": "这是最后一个管理员；先再设一个",
}
Login = Annotated[str, typer.Argument(help="login of the account")]


@app.command()
def add(  # noqa: PLR0913 - an account is made of that much
    login: Login,
    *,
    name: Annotated[str, typer.Option(help="the person's name", prompt="姓名")],
    role: Annotated[
        str, typer.Option(help="administrator, supervisor, cadre, operator, publicist or leader", prompt="角色")
    ],
    district: Annotated[list[str] | None, typer.Option(help="a district of a cadre, by id; may be repeated")] = None,
    mail: Annotated[str, typer.Option(help="where notices go")] = "",
    wecom: Annotated[str, typer.Option(help="userid in WeCom, by which the group robot mentions the person")] = "",
) -> None:
    """Make an account; its first password is shown once and has to be changed on signing in."""
    from bot.staff.directory import COMMAND_LINE

    async def work(program: "Program") -> "NewPassword":
        return await program.staff.directory.add(
            login=login,
            name=name,
            role=_role(role),
            districts=district or (),
            mail=mail,
            wecom=wecom,
            by=COMMAND_LINE,
            now=program.clock.now(),
        )

    _show_password(_run(work))


@app.command()
def reset(
    login: Login,
    *,
    keep_totp: Annotated[bool, typer.Option("--keep-totp", help="leave the one-time codes as they are")] = False,
) -> None:
    """A new first password, for who forgot theirs or lost the phone; whoever is signed in there is signed out."""
    from bot.staff.directory import COMMAND_LINE

    async def work(program: "Program") -> "NewPassword":
        id = (await _find(program, login)).id
        now = program.clock.now()
        return await program.staff.directory.reset(id, by=COMMAND_LINE, now=now, keep_totp=keep_totp)

    _show_password(_run(work))


@app.command()
def disable(login: Login) -> None:
    """Shut an account: it signs in no more and is signed out at once. What it did stays under its name."""
    _set_active(login, active=False)
    print(f"{login} 已停用，已登录的会话都已结束。")


@app.command()
def enable(login: Login) -> None:
    """Open an account again that was shut."""
    _set_active(login, active=True)
    print(f"{login} 已启用。")


@app.command()
def unlock(login: Login) -> None:
    """Let an account sign in at once that waits after wrong passwords."""
    from bot.staff.directory import COMMAND_LINE

    async def work(program: "Program") -> None:
        await program.staff.directory.unlock((await _find(program, login)).id, by=COMMAND_LINE)

    _run(work)
    print(f"{login} 可以登录了。")


@app.command(name="list")
def list_() -> None:
    """Every account: login, name, role, districts, when it last signed in."""

    async def work(program: "Program") -> list[str]:
        return [_line(program, member) for member in await program.staff.directory.members()]

    print("\n".join(_run(work)) or "还没有账号。gonghui staff add 建第一个（管理员）。")


def _set_active(login: str, *, active: bool) -> None:
    from bot.staff.directory import COMMAND_LINE

    async def work(program: "Program") -> None:
        id = (await _find(program, login)).id
        await program.staff.directory.change(id, by=COMMAND_LINE, now=program.clock.now(), active=active)

    _run(work)


def _run(work: "Callable[[Program], Awaitable[_T]]") -> "_T":
    """What comes of the work on an open program; what is refused is told in words and ends with status 2."""
    from bot.commands.context import open_program
    from bot.staff.errors import LoginTaken, StaffRefused, UnknownStaff

    async def running() -> _T:
        program = open_program()
        async with program.maintained():
            return await work(program)

    try:
        return asyncio.run(running())
    except StaffRefused as refused:
        why = _WHY[refused.code]
    except LoginTaken:
        why = "已经有这个登录名"
    except UnknownStaff:
        why = "没有这个账号；gonghui staff list 列出全部"
    typer.echo(why, err=True)
    raise typer.Exit(REFUSED)


async def _find(program: "Program", login: str) -> "StaffMember":
    from bot.staff.accounts import as_login
    from bot.staff.errors import UnknownStaff

    async with program.store.read() as work:
        member = await work.staff.find_login(as_login(login))
    if member is None:
        raise UnknownStaff
    return member


def _role(text: str) -> "Role":
    from bot.roles import Role
    from bot.staff.errors import StaffRefused

    try:
        return Role(text.strip().lower())
    except ValueError:
        raise StaffRefused("role") from None


def _show_password(made: "NewPassword") -> None:
    print(f"登录名 {made.member.login}\n首次密码 {made.password}")
    print("只显示这一次；请当面或打电话告诉本人，首次登录时须改掉。")


def _line(program: "Program", member: "StaffMember") -> str:
    from bot.clock import SHANGHAI

    last = f"{member.last_login_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if member.last_login_at else "从未登录"
    login = member.login if member.active else f"{member.login}（已停用）"
    role = program.wording(f"complaint.role.{member.role}")
    return "  ".join(filter(None, [login, member.name, role, "、".join(sorted(member.districts)), last]))
