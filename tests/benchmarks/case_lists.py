"""How long staff wait for lists, figures and warnings with a hundred thousand cases.

    uv run python -m tests.benchmarks.case_lists [--quick] [--cases 100000] [--database sqlite|postgres|both]

Each page is asked for as a browser does and made whole: sign-in, rights, rows, counts of the views, the entry in the
audit log, the template. `list_p95_ms` is over the pages of a supervisor, two cadres and an operator: their views,
filters, sorts, far pages and searches. `dashboard_ms` is the slower of the figures of a supervisor and of a leader,
for three years. `sweep_ms` is the whole first sweep, which has to warn of everything that is due. A page that is
no page counts as `failed`. Of several databases the slower one counts. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from bot.app import Program
from bot.clock import Clock, SystemClock, local_date
from bot.operations import make_desk_jobs
from bot.ops.logging import configure_logging
from bot.roles import Role
from bot.settings import load_configuration
from tests.benchmarks.many_cases import Maker
from tests.benchmarks.running import add_database, database, databases, percentile
from tests.console import Desk, Window, use_quick_passwords
from tests.site import a_site_configuration, build_scripted

TARGETS = {"list_p95_ms": 300.0, "dashboard_ms": 1000.0, "sweep_ms": 5000.0}
CASES = 100_000
OK = 200
CADRES = 24

STAFF: dict[str, tuple[Role, tuple[str, ...]]] = {
    "sue": (Role.SUPERVISOR, ()),
    "anna": (Role.CADRE, ("mudan",)),
    "bert": (Role.CADRE, ("caoxian", "shanxian", "juye")),
    "ole": (Role.OPERATOR, ()),
    "leo": (Role.LEADER, ()),
}
FOR_ALL = (
    "",
    "?page=2",
    "?sort=registered_at__desc",
    "?state=in_progress",
    "?state=followed_up&page=40",
    "?category=wage",
    "?view=due",
    "?view=overdue",
    "?view=urgent",
    "?view=collective",
)
LISTS: dict[str, tuple[str, ...]] = {
    "sue": (
        *FOR_ALL,
        "?page=1500",
        "?sort=money__desc",
        "?sort=people__desc&state=registered",
        "?sort=owner",
        "?district=mudan&since={year_ago}",
        "?owner=nobody",
        "?view=quarantined",
        "?number=HZ26",
        "?confidentiality=anonymous&category=injury",
    ),
    "anna": (*FOR_ALL, "?view=mine", "?view=unassigned", "?sort=number__desc", "?page=100"),
    "bert": (*FOR_ALL, "?view=mine", "?owner=nobody", "?since={year_ago}&until={today}"),
    "ole": ("", "?view=call_back"),
}


async def timed(ask: Callable[[], Awaitable[object]]) -> float:
    """How many milliseconds it took."""
    began = time.perf_counter()
    await ask()
    return (time.perf_counter() - began) * 1000


async def measure(program: Program, clock: Clock, cases: int, rounds: int) -> dict[str, object]:
    """Make the cases, then ask for every page so many times."""
    desk = Desk(program, clock)  # type: ignore[arg-type]  # only asked what time it is
    for login, (role, districts) in STAFF.items():
        await desk.hire(login, role, *districts)
    cadres = [(await desk.hire(f"cadre{n}", Role.CADRE)).id for n in range(CADRES)]
    maker = Maker(program, clock.now(), [*cadres, desk.staff["anna"].id, desk.staff["bert"].id])
    making = await timed(lambda: maker.make(cases))
    sweeps = [await timed(lambda: sweep(program)) for _ in range(2)]
    pages = await lists(desk, rounds)
    times = [ms for found in pages.values() for ms in found]
    dashboards = {login: await dashboard(desk, login, rounds) for login in ("sue", "leo")}
    slowest = max(pages, key=lambda page: statistics.median(pages[page]))
    return {
        "cases": cases,
        "making_seconds": round(making / 1000, 1),
        "pages": len(times),
        "list_p50_ms": round(percentile(times, 0.50), 1),
        "list_p95_ms": round(percentile(times, 0.95), 1),
        "list_max_ms": round(max(times), 1),
        "slowest": f"{slowest} {statistics.median(pages[slowest]):.0f}",
        "dashboard_ms": round(max(dashboards.values()), 1),
        "dashboards": {login: round(ms, 1) for login, ms in dashboards.items()},
        "sweep_ms": round(sweeps[0], 1),
        "sweep_again_ms": round(sweeps[1], 1),
        "warned": await warned(program),
    }


async def sweep(program: Program) -> None:
    """The job as the program runs it."""
    [job] = [job for job in make_desk_jobs(program) if job.name == "sweep_clocks"]
    await job.run()


async def warned(program: Program) -> int:
    """How many notices there are for staff."""
    from sqlalchemy import text

    async with program.store.engine.connect() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM staff_notice"))).scalar_one())


async def lists(desk: Desk, rounds: int) -> dict[str, list[float]]:
    """How long each list took, by viewer and address."""
    today = local_date(desk.clock.now())
    days = {"today": today.isoformat(), "year_ago": (today - timedelta(days=365)).isoformat()}
    windows = {login: await desk.signed_in(login) for login in LISTS}
    wanted = [(login, query.format(**days)) for login, queries in LISTS.items() for query in queries]
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for login, query in wanted:
            ms = await timed(lambda w=windows[login], q=query: page(w, f"/cases/list{q}"))  # type: ignore[misc]
            found.setdefault(f"{login} {query}", []).append(ms)
        ms = await timed(lambda: by_phone(windows["sue"]))
        found.setdefault("sue phone", []).append(ms)
    return found


async def dashboard(desk: Desk, login: str, rounds: int) -> float:
    """The median of the figures of three years."""
    window = await desk.signed_in(login)
    today = local_date(desk.clock.now())
    address = f"/statistics?since={today - timedelta(days=3 * 365)}&until={today}"
    return statistics.median([await timed(lambda: page(window, address)) for _ in range(max(rounds, 3))])


async def page(window: Window, address: str) -> None:
    """A page that must be one."""
    response = await window.get(address)
    if response.status_code != OK or "/login" in str(response.url):
        raise SystemExit(f"{address}: {response.status_code}")


async def by_phone(window: Window) -> None:
    """The search for a number that one case has."""
    response = await window.post("/case-views/phone", {"phone": "13000000042"})
    if response.status_code != OK or "HZ" not in response.text:
        raise SystemExit(f"phone: {response.status_code}")


def run(name: str, cases: int, rounds: int) -> dict[str, object]:
    """Everything on one database."""
    folder = Path(tempfile.mkdtemp(prefix="gonghui-lists-"))
    try:
        with database(name) as environ, (folder / "log").open("w", encoding="utf-8") as log:
            configure_logging("info", "console", log)
            made = a_site_configuration(folder, {"staff": {"totp_required": False, "attempts_per_hour": 1000}})
            return asyncio.run(_run(load_configuration(made.path, environ), cases, rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(configuration: object, cases: int, rounds: int) -> dict[str, object]:
    clock = SystemClock()
    program = build_scripted(configuration, clock)  # type: ignore[arg-type]
    use_quick_passwords(program)
    async with program.running():
        return await measure(program, clock, cases, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="every page twice, not ten times; as many cases")
    parser.add_argument("--cases", type=int, default=CASES, help="how many cases there are")
    add_database(parser)
    given = parser.parse_args()
    parts = {}
    for name in databases(given.database):
        parts[name] = run(name, given.cases, 2 if given.quick else 10)
        print(f"{name}: {json.dumps(parts[name])}", flush=True)
    worst = {name: max(float(str(part[name])) for part in parts.values()) for name in TARGETS}
    met = all(worst[name] < target for name, target in TARGETS.items())
    print(json.dumps({"benchmark": "case_lists", **worst, **parts, "targets": TARGETS, "met": met}))


if __name__ == "__main__":
    main()
