"""The dashboard in Chromium, on a phone and on a desk: charts that are seen, no page too wide, files that come down."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no types
from playwright.async_api import Browser, expect
from sqlalchemy import insert

from bot.complaints.lifecycle import CLOSED, Progress, State, Verdict
from bot.roles import Role
from bot.store.case_rows import columns_of
from bot.store.case_tables import CaseRow
from tests.browser.conftest import DESK, PHONE, Windows
from tests.browser.served import Site, served
from tests.browser.test_console import RULES, fits, sign_in
from tests.cases import a_case
from tests.console import Desk, use_quick_passwords
from tests.fakes import FakeClock
from tests.site import a_site_configuration, build_scripted

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


@pytest.fixture(scope="module")
def office(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console on a free port of this machine, with the cases of some months."""
    configuration = a_site_configuration(tmp_path_factory.mktemp("figures"), {"staff": {"totp_required": False}})
    program = build_scripted(configuration, FakeClock())
    use_quick_passwords(program)
    asyncio.run(_fill(Desk(program, FakeClock())))
    with served(program) as site:
        yield site


async def _fill(desk: Desk) -> None:
    random, rows = Random(5), []
    for _ in range(200):
        registered = desk.clock.now() - timedelta(days=random.random() * 80)
        state = random.choice(list(State))
        verdict = random.choice(list(Verdict)) if state is State.FOLLOWED_UP else None
        case = a_case(
            registered_at=registered,
            changed_at=registered,
            category=random.choice(["wage", "wage", "injury", "hours"]),
            progress=Progress(state=state, verdict=verdict),
            accepted_at=registered + timedelta(hours=30),
            closed_at=registered + timedelta(hours=90) if state in CLOSED else None,
        )
        rows.append({**columns_of(case), "receipt": f"1:{uuid4().hex}", "key": None})
    async with desk.program.running():
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        await desk.hire("boss", Role.LEADER, name="钱主席")
        async with desk.program.store.write() as work:
            await work._connection.execute(insert(_CASES), rows)
            await work.commit()


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, office: Site) -> AsyncIterator[Windows]:
    windows = Windows(browser, office)
    yield windows
    await windows.close()
    assert [fault for watched in windows.watched for fault in watched.faults] == []


@pytest.mark.parametrize("login", ["sun.jian", "boss"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_the_dashboard_is_readable_and_its_file_comes_down(
    windows: Windows, size: dict[str, int], login: str, screenshots: Path
) -> None:
    watched = await windows.open(viewport=size)
    page, name = watched.page, "phone" if size == PHONE else "desk"
    await sign_in(page, watched.url, login)
    await page.goto(f"{watched.url}/console/statistics")
    await fits(page)
    charts = page.locator("#weeks svg.chart:visible")
    await expect(charts).to_have_count(1)
    columns = charts.locator("rect.chart-came")
    assert await columns.count() > 6
    assert max([(await one.bounding_box() or {"height": 0})["height"] for one in await columns.all()]) > 60
    assert await charts.locator("text").first.evaluate("text => getComputedStyle(text).fontSize") == "12px"
    bars = [await one.bounding_box() for one in await page.locator("#categories .bar-part").all()]
    assert max(bar["width"] for bar in bars if bar) > 60
    await page.get_by_text("看数字").click()
    await expect(page.locator("#weeks tbody tr").first).to_be_visible()
    await fits(page)
    found = await Axe().run(page, options=RULES)
    assert [f"{v['id']}: {node['html'][:160]}" for v in found.response["violations"] for node in v["nodes"]] == []
    await page.screenshot(path=screenshots / f"console-statistics-{login}-{name}.png", full_page=True)
    for kind in ("Excel", "CSV"):  # twice in a row: a download leaves the page as it is
        async with page.expect_download() as coming:
            await page.get_by_role("button", name=kind).click()
        assert (await coming.value).suggested_filename.startswith("统计_2026-")
