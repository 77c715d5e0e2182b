"""The rehearsal of a disaster: a copy is made while cases are filed, everything is lost, and all of it comes back."""

import asyncio
import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import MetaData, create_engine, func, inspect, select, text
from typer.testing import CliRunner

from bot.app import Program
from bot.cli import app
from bot.complaints.cases import Direction
from bot.complaints.files.file_store import Part
from bot.complaints.receipts import Receipt
from bot.complaints.worker.tracking import Registered
from bot.operations import make_audit_heads
from bot.ops.checksums import digest_of
from bot.settings import load_configuration
from tests.builders import a_configuration
from tests.cases import a_message
from tests.desk import a_filing
from tests.evidence import AMR, a_jpeg
from tests.fakes import FakeClock
from tests.operating import a_program, small_content
from tests.postgres import postgres_database

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

SAID, NAME = "什么时候能拿到钱", "咱们的铁证"


@dataclass
class Seen:
    """What stood there when the copy was made: rows by table, files by place with their hashes."""

    rows: dict[str, int]
    files: dict[str, str]


@dataclass
class House:
    """One installation, by its configuration file."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def program(self) -> Program:
        return a_program(self.folder, FakeClock(), environ=self.environ)

    def run(self, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
        raw = {"content_dir": str(small_content(self.folder))}
        path = a_configuration(self.folder, raw, self.environ).path
        for name, value in {"GONGHUI_CONFIG": str(path), **self.environ}.items():
            monkeypatch.setenv(name, value)
        result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, result.output + (repr(result.exception) if result.exception else "")

    def seen(self) -> Seen:
        url = load_configuration(self.folder / "config.yaml", self.environ).database_url
        engine = create_engine(url.replace("+aiosqlite", ""))
        with engine.connect() as connection:
            tables = MetaData()
            tables.reflect(engine)
            rows = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables.sorted_tables
            }
        engine.dispose()
        folder = self.data / "files"
        files = {path.relative_to(folder).as_posix(): digest_of(path) for path in folder.glob("*/*")}
        return Seen(rows, files)

    def lose_everything(self) -> None:
        shutil.rmtree(self.data)
        if "GONGHUI_DATABASE_URL" in self.environ:
            engine = create_engine(self.environ["GONGHUI_DATABASE_URL"])
            with engine.begin() as connection:
                for name in inspect(engine).get_table_names():
                    connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
            engine.dispose()


DATABASES = [
    "sqlite",
    pytest.param(
        "postgres",
        marks=[
            pytest.mark.postgres,
            pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed"),
        ],
    ),
]


@pytest.fixture(params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    if request.param == "sqlite":
        yield House(tmp_path)
        return
    server: URL = request.getfixturevalue("postgres")
    with postgres_database(server) as url:
        yield House(tmp_path, {"GONGHUI_DATABASE_URL": url})


async def file_case(program: Program, *, picture: bool = False) -> Registered:
    """A case as it is registered, with a file and a message."""
    filing, now = a_filing(), program.clock.now()
    made = program.desk.registrar.prepare(filing, now)
    async with program.store.write() as work:
        await program.desk.registrar.register(
            work, filing, case_id=made.case_id, number=made.number, receipt=made.receipt, now=now
        )
        await work.messages.add(made.case_id, a_message(SAID))
        await work.commit()
    content = a_jpeg() if picture else AMR
    await program.files.receive(NAME, content, by="worker", now=now, case=made.case_id)
    return made


async def file_until(program: Program, stop: asyncio.Event) -> int:
    filed = 0
    while not stop.is_set():
        await file_case(program)
        filed += 1
    return filed


async def whole(program: Program, made: Registered) -> None:
    """The case opens by its receipt, and says and shows what it did."""
    async with program.store.write() as work:
        case = await program.desk.follower.open(work, Receipt(made.receipt.reveal()), "somewhere", program.clock.now())
        assert case.number == made.number
        (message,) = await work.messages.of(case.id, [Direction.FROM_WORKER])
        assert message.text == SAID
        (file,) = await work.files.of_case(case.id)
        assert (await program.files.open_original(work, file.id, case=case.id)).sha256 == file.meta.sha256
        await program.files.open_reading(work, file.id, case=case.id)
        await work.commit()


async def test_a_copy_made_while_serving_brings_everything_back(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts and hashes are those of the moment of a second, quiet copy; the busy one fits together."""
    async with house.program().running() as program:
        made = [await file_case(program, picture=n == 0) for n in range(3)]
        stop = asyncio.Event()
        filing = asyncio.create_task(file_until(program, stop))
        busy = await asyncio.to_thread(program.backups.make, "daily")
        stop.set()
        assert await filing > 0
        await make_audit_heads(program).keep()
    seen = house.seen()
    keys = tmp_path / "safe" / "ring.json"
    keys.parent.mkdir()
    status, output = await asyncio.to_thread(house.run, monkeypatch, "backup", "--keys", str(keys))
    assert status == 0, output
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    quiet = Path(next(line for line in output.splitlines() if line.startswith("/")))
    shutil.copytree(quiet, tmp_path / "safe" / quiet.name)
    shutil.copytree(busy, tmp_path / "safe" / busy.name)
    no_secret_in(tmp_path / "safe" / quiet.name, keys)

    house.lose_everything()
    restored = str(tmp_path / "safe" / quiet.name)
    status, output = await asyncio.to_thread(house.run, monkeypatch, "restore", restored, "--keys", str(keys), "--yes")
    assert status == 0, output
    assert house.seen() == seen
    async with house.program().maintained() as program:
        for one in made:
            await whole(program, one)
        async with program.store.read() as work:
            assert (await work.audit.verify([make_audit_heads(program).known()])).is_whole
    assert house.seen().files == seen.files
    await the_busy_copy_fits_together(house, tmp_path / "safe" / busy.name, made)


async def the_busy_copy_fits_together(house: House, copy: Path, made: list[Registered]) -> None:
    program = house.program()
    program.backups.restore(copy)
    async with program.maintained():
        for one in made:
            await whole(program, one)
        async with program.store.read() as work:
            for id in await work.files.ids():
                found = await work.files.find(id)
                assert found is not None
                await program.files.open_original(work, id, case=found[0].case)


def no_secret_in(copy: Path, keys: Path) -> None:
    """Neither the ring nor anything that was said stands in a copy."""
    ring = json.loads(keys.read_text())
    secrets = [ring["pepper"], *(key["key"] for key in ring["keys"])]
    needles = [*secrets, "老板张三", "13812345678", SAID, NAME]
    for path in copy.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert [needle for needle in needles if needle.encode() in content] == [], path


async def test_after_an_older_copy_the_operator_is_told_to_accept_the_end_of_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    async with house.program().running() as program:
        await file_case(program)
        await make_audit_heads(program).keep()
        copy = program.backups.make("daily")
        await file_case(program)
        await make_audit_heads(program).keep()
    status, output = await asyncio.to_thread(house.run, monkeypatch, "restore", str(copy), "--yes")
    assert status == 0, output
    assert "gonghui audit accept" in output
    status, output = await asyncio.to_thread(house.run, monkeypatch, "audit", "verify")
    assert status == 1
    status, output = await asyncio.to_thread(house.run, monkeypatch, "audit", "accept", "--yes")
    assert status == 0, output
    status, output = await asyncio.to_thread(house.run, monkeypatch, "audit", "verify")
    assert status == 0, output


async def test_the_ring_is_kept_apart_and_over_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    async with house.program().running():
        pass
    beside = house.data / "backups" / "ring.json"
    status, output = await asyncio.to_thread(house.run, monkeypatch, "backup", "--keys", str(beside))
    assert (status, beside.exists()) == (1, False)
    assert "kept apart" in output
    other = House(tmp_path / "other")
    other.folder.mkdir()
    async with other.program().running():
        pass
    theirs = other.data / "keys.json"
    before = theirs.read_bytes()
    status, output = await asyncio.to_thread(house.run, monkeypatch, "backup", "--keys", str(theirs))
    assert status == 1
    assert "another ring" in output
    assert theirs.read_bytes() == before
    status, output = await asyncio.to_thread(
        house.run, monkeypatch, "restore", str(tmp_path), "--keys", str(theirs), "--yes"
    )
    assert status == 1
    assert "another ring" in output


async def test_a_copy_is_read_through_without_changing_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path)
    async with house.program().running() as program:
        await file_case(program)
        copy = program.backups.make("daily")
    before = house.seen()
    status, output = await asyncio.to_thread(house.run, monkeypatch, "restore", str(copy), "--check")
    assert status == 0, output
    assert "材料 1 个" in output
    original = next((copy / "files").glob(f"*/*.{Part.ORIGINAL}"))
    original.unlink()  # a link of its own: the file itself stays
    status, output = await asyncio.to_thread(house.run, monkeypatch, "restore", str(copy), "--check")
    assert status == 1
    assert original.name in output
    assert house.seen() == before
