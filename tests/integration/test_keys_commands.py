"""`gonghui keys`, and a program that is started with no ring or the wrong one."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.app import RING_MARK, Program
from bot.cli import app
from bot.complaints.cases import CaseFile
from bot.complaints.worker.proofs import check_proof, issue_proof
from bot.errors import KeyRingError
from bot.keyring import create_key_ring, load_key_ring, make_key_ring_document
from bot.store.ciphertext import holds_ciphertext
from tests.evidence import AMR
from tests.fakes import FakeClock
from tests.operating import a_program

Run = Callable[..., Result]
CASE = "c" * 32


@pytest.fixture
def keys_file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.json"


@pytest.fixture
def run(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on the installation in the test's folder; `environ` as the operator has set it."""

    def command(*arguments: str, environ: dict[str, str] | None = None) -> Result:
        opened = lambda: a_program(tmp_path, clock, environ=environ)  # noqa: E731 - stands in for the real one
        monkeypatch.setattr("bot.commands.context.open_program", opened)
        return CliRunner().invoke(app, ["keys", *arguments])

    return command


async def prepared(program: Program) -> CaseFile:
    """Something sealed in the database and on the disk."""
    async with program.maintained():
        async with program.store.write() as work:
            await work.values.save("token", "a-token", program.clock.now())
            await work.commit()
        return await program.files.receive("a.amr", AMR, by="worker", now=program.clock.now(), case=CASE)


@pytest.fixture
async def file(tmp_path: Path, clock: FakeClock) -> CaseFile:
    return await prepared(a_program(tmp_path, clock))


def a_token(program: Program) -> str | None:
    import asyncio

    async def find() -> str | None:
        async with program.maintained(), program.store.read() as work:
            return await work.values.find("token", program.clock.now())

    return asyncio.run(find())


# The ring at the start


def test_a_ring_is_made_where_nothing_is_sealed_yet(tmp_path: Path, clock: FakeClock, keys_file: Path) -> None:
    a_program(tmp_path, clock)
    assert load_key_ring(keys_file).keys


def test_a_missing_ring_stops_the_start_and_no_new_one_is_made(
    tmp_path: Path, clock: FakeClock, keys_file: Path, file: CaseFile
) -> None:
    """With a new ring the service would look healthy, and every earlier complaint would be lost to it."""
    saved = keys_file.rename(tmp_path / "elsewhere.json")
    with pytest.raises(KeyRingError) as caught:
        a_program(tmp_path, clock)
    assert not keys_file.exists()
    for part in (str(keys_file), "Put back the ring", "GONGHUI_KEYS", "No new ring was made"):
        assert part in str(caught.value)
    shutil.copy(saved, keys_file)
    assert a_token(a_program(tmp_path, clock)) == "a-token"


def test_a_missing_ring_is_noticed_whatever_is_the_only_thing_that_is_sealed(
    tmp_path: Path, clock: FakeClock, keys_file: Path, file: CaseFile
) -> None:
    database = keys_file.with_name("gonghui.db")
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM stored_value")
    connection.close()
    keys_file.unlink()
    with pytest.raises(KeyRingError):
        a_program(tmp_path, clock)
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM case_file")
    connection.close()
    assert not holds_ciphertext(f"sqlite+aiosqlite:///{database}")
    a_program(tmp_path, clock)
    assert keys_file.exists()


async def test_a_wrong_ring_stops_the_start(tmp_path: Path, clock: FakeClock, keys_file: Path) -> None:
    await prepared(a_program(tmp_path, clock))
    keys_file.unlink()
    create_key_ring(keys_file)
    with pytest.raises(KeyRingError, match="not the ring of this database"):
        async with a_program(tmp_path, clock).running():
            pass


async def test_a_ring_with_another_pepper_stops_the_start(tmp_path: Path, clock: FakeClock, keys_file: Path) -> None:
    """It opens everything and finds nobody: worse than one that opens nothing."""
    await prepared(a_program(tmp_path, clock))
    ring = json.loads(keys_file.read_text())
    keys_file.write_text(json.dumps({**ring, "pepper": json.loads(make_key_ring_document())["pepper"]}))
    with pytest.raises(KeyRingError, match="pepper"):
        async with a_program(tmp_path, clock).running():
            pass


async def test_the_mark_of_the_ring_tells_nothing_of_it(tmp_path: Path, clock: FakeClock) -> None:
    program = a_program(tmp_path, clock)
    async with program.maintained(), program.store.read() as work:
        mark = await work.values.find(RING_MARK, clock.now())
    assert mark == program.keys.hash("ring", RING_MARK)


# The commands


def test_rotating_seals_everything_with_a_new_key_and_finds_it_again(
    run: Run, tmp_path: Path, clock: FakeClock, keys_file: Path, file: CaseFile
) -> None:
    before = load_key_ring(keys_file)
    done = run("rotate", "--yes")
    assert done.exit_code == 0, done.output
    after = load_key_ring(keys_file)
    assert after.keys[1:] == before.keys
    assert after.index_versions == (2, 1)
    assert keys_file.stat().st_mode & 0o777 == 0o600
    assert "已重新加密" in done.output
    assert before.keys[0][1].hex() not in done.output
    assert a_token(a_program(tmp_path, clock)) == "a-token"
    listed = run("list").output
    assert f"{before.keys[0][0].hex()}  0 项" in listed
    assert run("verify").exit_code == 0


def test_rotating_twice_makes_two_keys_and_the_first_can_be_taken_off(
    run: Run, tmp_path: Path, clock: FakeClock, keys_file: Path, file: CaseFile
) -> None:
    for _ in range(2):
        assert run("rotate", "--yes").exit_code == 0
    assert len(load_key_ring(keys_file).keys) == 3
    assert run("rotate", "--drop", "--yes").exit_code == 0
    assert len(load_key_ring(keys_file).keys) == 1
    assert a_token(a_program(tmp_path, clock)) == "a-token"
    assert "没有可以去掉的密钥" in run("rotate", "--drop", "--yes").output
    assert run("verify").exit_code == 0


def test_a_rotation_that_was_broken_off_is_finished_and_makes_no_further_key(
    run: Run, keys_file: Path, file: CaseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power fails after the new ring was written: every value is still sealed by the older key."""

    async def power_fails(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("bot.commands.keys._reseal", power_fails)
        assert run("rotate", "--yes").exit_code != 0
    assert len(load_key_ring(keys_file).keys) == 2
    assert run("verify").exit_code == 0
    done = run("rotate", "--yes")
    assert (done.exit_code, len(load_key_ring(keys_file).keys)) == (0, 2)
    assert "没有再加新密钥" in done.output
    assert f"{load_key_ring(keys_file).keys[1][0].hex()}  0 项" in run("list").output


def test_rotating_asks_first(run: Run, keys_file: Path, file: CaseFile) -> None:
    before = keys_file.read_text()
    assert run("rotate").exit_code == 1
    assert keys_file.read_text() == before


def test_a_signing_key_is_changed_only_when_asked_and_old_proofs_still_hold(
    run: Run, clock: FakeClock, keys_file: Path, file: CaseFile
) -> None:
    before = load_key_ring(keys_file)
    proof = issue_proof(
        before, federation="f", number="HZ261122-048213", registered_at=clock.now(), content=b"", now=clock.now()
    )
    run("rotate", "--yes")
    assert load_key_ring(keys_file).signing_keys() == before.signing_keys()
    run("rotate", "--yes", "--signing")
    after = load_key_ring(keys_file)
    assert [id for id, _ in after.signing_keys()] == ["2", "1"]
    checked = check_proof(after, proof.document())
    assert checked.holds
    assert not checked.current


def test_a_ring_from_the_environment_is_changed_in_two_steps(
    run: Run, tmp_path: Path, clock: FakeClock, keys_file: Path, file: CaseFile
) -> None:
    """We cannot write the environment: first the ring, then what is sealed with it."""
    environ = {"GONGHUI_KEYS": keys_file.read_text()}
    target = tmp_path / "new.json"
    refused = run("rotate", "--yes", environ=environ)
    assert isinstance(refused.exception, KeyRingError)
    done = run("rotate", "--yes", "--to", str(target), environ=environ)
    assert done.exit_code == 0, done.output
    assert target.stat().st_mode & 0o777 == 0o600
    assert load_key_ring(target).keys[1:] == load_key_ring(keys_file).keys
    environ = {"GONGHUI_KEYS": target.read_text()}
    assert run("rotate", "--yes", environ=environ).exit_code == 0
    assert "0 项" in run("list", environ=environ).output.splitlines()[2]
    assert run("verify", environ=environ).exit_code == 0


def test_verifying_names_what_does_not_open(run: Run, keys_file: Path, file: CaseFile) -> None:
    with sqlite3.connect(keys_file.with_name("gonghui.db")) as connection:
        connection.execute("UPDATE stored_value SET value = x'01020304' WHERE name = 'token'")
    connection.close()
    done = run("verify")
    assert done.exit_code == 1
    assert "stored_value.value: 2 项，1 项打不开：token" in done.output


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_verifying_opens_the_files_on_disk_as_well(run: Run, keys_file: Path, file: CaseFile, harm: str) -> None:
    path = next(keys_file.parent.rglob(f"{file.id}.original"))
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    done = run("verify")
    assert done.exit_code == 1
    assert f"1 项打不开：{file.id}" in done.output
    assert run("verify", "--no-files").exit_code == 0


def test_listing_shows_no_key(run: Run, keys_file: Path, file: CaseFile) -> None:
    run("rotate", "--yes", "--signing")
    document, shown = json.loads(keys_file.read_text()), run("list").output
    secrets = [document["pepper"], *(k["key"] for k in document["keys"] + document["index_keys"])]
    secrets += [k["seed"] for k in document["signing_keys"]]
    assert all(secret not in shown for secret in secrets)
    ring = load_key_ring(keys_file)
    assert all(raw.hex() not in shown for _, raw in (*ring.keys, *ring.index_keys, *ring.signing_keys()))
    assert all(id.hex() in shown for id, _ in ring.keys)


def test_a_change_of_keys_is_in_the_audit_log(run: Run, tmp_path: Path, clock: FakeClock, file: CaseFile) -> None:
    import asyncio

    run("rotate", "--yes")
    program = a_program(tmp_path, clock)

    async def logged() -> list[str]:
        async with program.maintained(), program.store.write() as work:
            return [record.action for record in (await work.audit.page(action="keys"))[0]]

    assert asyncio.run(logged()) == ["keys.rotated"]
