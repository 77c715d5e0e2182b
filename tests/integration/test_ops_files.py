"""The jobs around files: what is due by the clock, and that a service has them."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.operations import make_file_jobs, make_wechat_media
from bot.ops.files import FETCH_EVERY
from tests.evidence import AMR
from tests.fakes import FakeClock
from tests.operating import a_program

SECRET = "GONGHUI_WECHAT_SECRET"


@pytest.fixture
async def client() -> httpx.AsyncClient:
    return httpx.AsyncClient()


WECHAT = {"wechat": {"enabled": True, "app_id": "wx0123456789abcdef"}}
ENVIRON = {"GONGHUI_WECHAT_TOKEN": "t", "GONGHUI_WECHAT_AES_KEY": "a" * 43}


async def test_files_are_fetched_only_where_a_channel_keeps_some(
    tmp_path: Path, clock: FakeClock, client: httpx.AsyncClient
) -> None:
    async with client:
        names = [job.name for job in make_file_jobs(a_program(tmp_path, clock), client)]
        assert names == ["sweep_files"]
        with_wechat = make_file_jobs(a_program(tmp_path, clock, WECHAT, ENVIRON), client)
    assert [(job.name, job.at_once) for job in with_wechat] == [("fetch_files", True), ("sweep_files", True)]
    assert with_wechat[0].every == FETCH_EVERY


async def test_without_a_secret_pictures_come_by_their_address(
    tmp_path: Path, clock: FakeClock, client: httpx.AsyncClient
) -> None:
    async with client:
        assert make_wechat_media(a_program(tmp_path, clock, WECHAT, ENVIRON), client)._api is None
        program = a_program(tmp_path, clock, WECHAT, {**ENVIRON, SECRET: "s" * 32})
        assert make_wechat_media(program, client)._api is not None


async def test_files_of_a_draft_are_swept_when_it_can_no_longer_be_resumed(
    tmp_path: Path, clock: FakeClock, client: httpx.AsyncClient
) -> None:
    async with client, a_program(tmp_path, clock).running() as program:
        (sweep,) = make_file_jobs(program, client)
        await program.files.receive("a.amr", AMR, by="worker", now=clock.now(), draft="d" * 32)
        clock.advance(hours=program.configuration.settings.complaints.draft_hours)
        assert await sweep.run() == {"drafts": 0, "orphans": 0}
        clock.advance(hours=program.configuration.settings.complaints.draft_hours, minutes=1)
        assert (await sweep.run())["drafts"] == 1
        assert not [path for path in (tmp_path / "data" / "files").rglob("*") if path.is_file()]
        assert sweep.every <= timedelta(hours=1)
