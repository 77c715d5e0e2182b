"""Files taken, kept sealed, opened by those who may, and forgotten."""

import hashlib
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.app import Program
from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files import file_store
from bot.complaints.files.file_desk import FileDesk, OpenedFile
from bot.complaints.files.file_store import FileStore, Part
from bot.complaints.files.isolation import IsolatedReader
from bot.complaints.files.kinds import MOST_PER_DRAFT, FileFault, FileLost, FileRefused
from bot.errors import CannotOpen, StorageFull, StoreUnavailable
from bot.keyring import make_key_ring_document, parse_key_ring
from tests.evidence import AMR, DEVICE, a_bomb, a_docx, a_jpeg, a_pdf
from tests.fakes import FakeClock

DRAFT, CASE = "d" * 32, "c" * 32
NAME = "工资条-王小明.jpg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "files"


@pytest.fixture
def desk(program: Program) -> FileDesk:
    return program.files


async def take(desk: FileDesk, clock: FakeClock, content: bytes = b"", name: str = NAME, **whose: str) -> CaseFile:
    return await desk.receive(name, content or a_jpeg(), by="worker", now=clock.now(), **(whose or {"draft": DRAFT}))


async def opened(program: Program, id: str, **whose: str) -> OpenedFile:
    async with program.store.read() as work:
        return await program.files.open_original(work, id, **(whose or {"draft": DRAFT}))


def parts(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_the_original_is_kept_byte_by_byte_with_its_hash_and_time(
    program: Program, desk: FileDesk, clock: FakeClock
) -> None:
    """As evidence it is worth what can be shown not to have changed; metadata included."""
    photo = a_jpeg()
    file = await take(desk, clock, photo)
    assert (file.state, file.size, file.added_at) == (FileState.KEPT, len(photo), clock.now())
    assert file.meta.sha256 == hashlib.sha256(photo).hexdigest()
    original = await opened(program, file.id)
    assert original.content == photo
    assert DEVICE.encode() in original.content
    assert (original.name, original.media_type, original.inline) == (NAME, "image/jpeg", False)


async def test_the_copy_for_reading_has_no_metadata_and_may_be_shown(
    program: Program, desk: FileDesk, clock: FakeClock
) -> None:
    file = await take(desk, clock)
    async with program.store.read() as work:
        reading = await desk.open_reading(work, file.id, draft=DRAFT)
    assert reading is not None
    assert reading.inline
    assert DEVICE.encode() not in reading.content
    assert "王小明" not in reading.name
    assert reading.sha256 == file.meta.reading_sha256 == hashlib.sha256(reading.content).hexdigest()


async def test_a_document_with_a_script_is_kept_for_download_only(
    program: Program, desk: FileDesk, clock: FakeClock
) -> None:
    sent = a_pdf(script=True)
    file = await take(desk, clock, sent, "合同.pdf")
    original = await opened(program, file.id)
    assert (original.content, original.inline) == (sent, False)
    async with program.store.read() as work:
        assert await desk.open_reading(work, file.id, draft=DRAFT) is None


async def test_nothing_of_a_file_lies_on_the_disk_in_the_clear(
    program: Program, desk: FileDesk, clock: FakeClock, folder: Path
) -> None:
    photo = a_jpeg()
    await take(desk, clock, photo)
    everything = b"".join(path.read_bytes() for path in (folder.parent).rglob("*") if path.is_file())
    for needle in (photo[:64], photo[-64:], DEVICE.encode(), NAME.encode(), b"\xff\xd8\xff", "王小明".encode()):
        assert needle not in everything
    assert len(parts(folder)) == 2
    for path in (*parts(folder), *(path for path in folder.rglob("*") if path.is_dir())):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


REFUSED = {
    "empty": (b" "[:0], "a.jpg", FileFault.EMPTY),
    "bomb_named_jpg": (a_bomb(), "photo.jpg", FileFault.HUGE),
    "program_named_jpg": (b"MZ" + bytes(99), "photo.jpg", FileFault.KIND),
    "macros": (a_docx(**{"word/vbaProject.bin": b"x"}), "a.docx", FileFault.MACROS),
    "damaged": (a_jpeg()[:500], "a.jpg", FileFault.DAMAGED),
    "too_large": (a_jpeg() + bytes(10 * 2**20), "a.jpg", FileFault.TOO_LARGE),
}


@pytest.mark.parametrize(("content", "name", "fault"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_not_taken_leaves_nothing_behind(  # noqa: PLR0913, PLR0917 - fixtures and one case
    program: Program, desk: FileDesk, clock: FakeClock, folder: Path, content: bytes, name: str, fault: FileFault
) -> None:
    with pytest.raises(FileRefused) as caught:
        await desk.receive(name, content, by="worker", now=clock.now(), draft=DRAFT)
    assert caught.value.fault is fault
    assert parts(folder) == []
    async with program.store.read() as work:
        assert await work.files.of_draft(DRAFT) == []


async def test_a_stream_is_cut_off_when_it_is_too_long(desk: FileDesk, clock: FakeClock, folder: Path) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield bytes(2**20)

    with pytest.raises(FileRefused) as caught:
        await desk.receive("a.jpg", endless(), by="worker", now=clock.now(), draft=DRAFT)
    assert caught.value.fault is FileFault.TOO_LARGE
    assert sent == 11
    assert parts(folder) == []


async def test_a_wrong_suffix_changes_nothing_but_the_name_it_is_handed_out_under(
    program: Program, desk: FileDesk, clock: FakeClock
) -> None:
    file = await take(desk, clock, a_jpeg(), "合同.pdf")
    original = await opened(program, file.id)
    assert (original.media_type, original.name) == ("image/jpeg", "合同.pdf.jpg")
    assert file.meta.name == "合同.pdf"


async def test_a_draft_takes_so_many_files_and_no_more(desk: FileDesk, clock: FakeClock, folder: Path) -> None:
    for _ in range(MOST_PER_DRAFT):
        await take(desk, clock, AMR, "a.amr")
    with pytest.raises(FileRefused) as caught:
        await take(desk, clock, AMR, "a.amr")
    assert caught.value.fault is FileFault.TOO_MANY
    assert len(parts(folder)) == MOST_PER_DRAFT


async def test_a_file_is_opened_for_its_own_case_only(program: Program, desk: FileDesk, clock: FakeClock) -> None:
    """Whoever knows the id of a file still has to come through the case it belongs to."""
    file = await take(desk, clock)
    async with program.store.write() as work:
        await work.files.attach([file.id], CASE)
        await work.commit()
    assert (await opened(program, file.id, case=CASE)).content == a_jpeg()
    for whose in ({"case": "f" * 32}, {"draft": DRAFT}, {"draft": "f" * 32}, {"case": ""}):
        with pytest.raises(FileLost):
            await opened(program, file.id, **whose)


@pytest.mark.parametrize("id", ["", "f" * 32, "../../keys", "a/b", "A" * 32])
async def test_an_id_of_no_file_opens_nothing(program: Program, id: str) -> None:
    with pytest.raises(FileLost):
        await opened(program, id)


@pytest.mark.parametrize("position", [0, 5, 200, -1])
async def test_a_changed_byte_is_noticed(
    program: Program, desk: FileDesk, clock: FakeClock, folder: Path, position: int
) -> None:
    file = await take(desk, clock)
    path = next(folder.rglob("*.original"))
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(content)
    with capture_logs() as logs, pytest.raises(FileLost):
        await opened(program, file.id)
    assert [line["event"] for line in logs] == ["file.lost"]


async def test_swapped_files_are_noticed(program: Program, desk: FileDesk, clock: FakeClock, folder: Path) -> None:
    first, second = await take(desk, clock), await take(desk, clock)
    one, two = (next(folder.rglob(f"{file.id}.original")) for file in (first, second))
    kept = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(kept)
    for file in (first, second):
        with pytest.raises(FileLost):
            await opened(program, file.id)


async def test_a_copy_in_the_place_of_the_original_is_noticed(
    program: Program, desk: FileDesk, clock: FakeClock, folder: Path
) -> None:
    file = await take(desk, clock)
    next(folder.rglob("*.original")).write_bytes(next(folder.rglob("*.reading")).read_bytes())
    with pytest.raises(FileLost):
        await opened(program, file.id)


async def test_a_key_of_another_file_opens_nothing(program: Program, desk: FileDesk, clock: FakeClock) -> None:
    from bot.store.case_tables import CaseFileRow

    table = CaseFileRow.__table__  # type: ignore[attr-defined]
    first, second = await take(desk, clock), await take(desk, clock)
    async with program.store.engine.begin() as connection:
        key = (await connection.execute(table.select().where(table.c.id == second.id))).one().key
        await connection.execute(table.update().where(table.c.id == first.id).values(key=key))
    with pytest.raises(CannotOpen):
        await opened(program, first.id)


async def test_another_ring_opens_nothing(program: Program, desk: FileDesk, clock: FakeClock, folder: Path) -> None:
    file = await take(desk, clock)
    async with program.store.read() as work:
        found = await work.files.find(file.id)
    assert found is not None
    other = FileDesk(
        files=FileStore(folder),
        keys=parse_key_ring(make_key_ring_document()),
        reader=IsolatedReader(),
        write=program.store.write,
    )
    with pytest.raises(CannotOpen):
        await other.fill(replace(file, state=FileState.WAITING), found[1], a_jpeg())


async def test_a_missing_file_is_told_as_lost(program: Program, desk: FileDesk, clock: FakeClock, folder: Path) -> None:
    file = await take(desk, clock)
    next(folder.rglob("*.original")).unlink()
    with pytest.raises(FileLost):
        await opened(program, file.id)


async def test_a_full_disk_keeps_nothing_and_says_so(
    desk: FileDesk, clock: FakeClock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_store.os, "fsync", full)
    with pytest.raises(StorageFull):
        await take(desk, clock)
    assert parts(folder) == []


async def test_a_row_that_cannot_be_written_takes_its_bytes_along(
    program: Program, clock: FakeClock, folder: Path
) -> None:
    class Broken(FileDesk):
        async def keep(self, *_: object, **__: object) -> CaseFile:
            raise StoreUnavailable("away")

    desk = Broken(files=FileStore(folder), keys=program.keys, reader=IsolatedReader(), write=program.store.write)
    with pytest.raises(StoreUnavailable):
        await take(desk, clock)
    assert parts(folder) == []


def age(folder: Path, clock: FakeClock, by: timedelta) -> None:
    when = (clock.now() - by).timestamp()
    for path in parts(folder):
        os.utime(path, (when, when))


async def test_bytes_without_a_row_are_swept_after_a_while(program: Program, clock: FakeClock, folder: Path) -> None:
    """A process killed between disk and database leaves them, and deleting a case as well."""
    desk = program.files
    kept = await take(desk, clock)
    await desk.prepare(NAME, AMR)
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / f".{'ab' * 16}.original.12.part").write_bytes(b"half")
    age(folder, clock, timedelta(minutes=10))
    before = clock.now() - timedelta(days=6)
    assert (await desk.sweep(clock.now(), drafts_before=before))["orphans"] == 0
    assert len(parts(folder)) == 4
    age(folder, clock, timedelta(hours=2))
    assert (await desk.sweep(clock.now(), drafts_before=before))["orphans"] == 1
    assert {path.name.partition(".")[0] for path in parts(folder)} == {kept.id}


async def test_files_of_drafts_that_nobody_finished_are_forgotten(
    program: Program, clock: FakeClock, folder: Path
) -> None:
    desk = program.files
    await take(desk, clock)
    in_case = await take(desk, clock, case=CASE)
    clock.advance(days=7)
    assert await desk.sweep(clock.now(), drafts_before=clock.now() - timedelta(days=6)) == {"drafts": 1, "orphans": 0}
    assert {path.stem for path in parts(folder)} == {in_case.id}


async def test_a_file_is_taken_out_of_a_draft_again_but_not_out_of_a_case(program: Program, clock: FakeClock) -> None:
    desk = program.files
    in_draft, in_case = await take(desk, clock), await take(desk, clock, case=CASE)
    async with program.store.write() as work:
        for file in (in_draft, in_case):
            await desk.remove(work, file.id, draft=DRAFT)
        await work.commit()
        assert await work.files.of_draft(DRAFT) == []
        assert [file.id for file in await work.files.of_case(CASE)] == [in_case.id]


async def test_no_name_and_no_content_is_shown_by_accident(desk: FileDesk, clock: FakeClock, program: Program) -> None:
    file = await take(desk, clock)
    shown = f"{file!r} {file.meta!r} {await opened(program, file.id)!r} {await desk.prepare(NAME, AMR)!r}"
    assert "王小明" not in shown
    assert "\\xff\\xd8" not in shown


def test_what_is_written_is_flushed_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut leaves the whole file or none."""
    done: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(handle: int) -> None:
        done.append("flushed")
        real_fsync(handle)

    def rename(path: Path, target: Path) -> Path:
        done.append("named")
        return real_replace(path, target)

    monkeypatch.setattr(file_store.os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", rename)
    store = FileStore(tmp_path)
    store.write("a" * 32, Part.ORIGINAL, b"sealed")
    assert done == ["flushed", "named", "flushed"]
    assert store.read("a" * 32, Part.ORIGINAL) == b"sealed"
