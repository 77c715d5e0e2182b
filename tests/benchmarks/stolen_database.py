"""What somebody finds who steals everything but the key ring: database, files, temporary files, logs and backups.

    uv run python -m tests.benchmarks.stolen_database [--quick] [--database sqlite|postgres|both]

A server takes complaints on the site and in WeChat, given up at every stage, filed, followed, corrected and deleted;
staff handle them, take calls and search. Every text of theirs (words, names, phones, openids, receipts, passwords,
names and contents of files) is a needle that nothing else is written with. Then a backup is made, the server is
killed, and all bytes that were written anywhere are searched for the needles, in UTF-8, UTF-16 and GB 18030, in hex,
base64 and URL-encoded, and as JSON and Python escape them: the raw files, and the rows as SQL gives them. `hits` must
be 0. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import random
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import MetaData, func, select
from sqlalchemy.engine import make_url

from bot.app import Program, build
from bot.ops.logging import configure_logging
from bot.settings import Configuration
from bot.store.case_tables import CaseFileRow, CaseRow
from bot.store.tables import ConversationRow
from tests.benchmarks.forked_server import forks
from tests.benchmarks.needles import Haystack, Hit, files_under, search
from tests.benchmarks.planting_staff import Staff
from tests.benchmarks.planting_workers import Planted, Site, WeChat
from tests.benchmarks.running import Connections, add_database, database, databases, free_port, get
from tests.builders import a_configuration
from tests.console import use_quick_passwords
from tests.wechat import ACCOUNT, APP_ID, ENVIRON

TARGETS = {"hits": 0}
SHOWN = 20


def run(name: str, seed: int) -> dict[str, object]:
    """Plant, steal and search on one database."""
    folder = Path(tempfile.mkdtemp(prefix="gonghui-theft-"))
    try:
        with database(name) as environ, temporary_files(folder / "tmp") as temporary:
            hay, planted = Haystack(random.Random(seed)), Planted()
            configuration = configuration_of(folder, {**ENVIRON, **environ})
            hits, looked_at = asyncio.run(_run(configuration, {**ENVIRON, **environ, **temporary}, hay, planted))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "needles": len(hay.needles),
        "forms": sum(len(needle.forms) for needle in hay.needles),
        "megabytes": round(looked_at / 2**20, 1),
        "cases": planted.cases,
        "drafts": planted.drafts,
        "files": planted.files,
        "hits": len(hits),
        "found": [f"{hit.stage} in {hit.place}" for hit in hits[:SHOWN]],
    }


async def _run(
    configuration: Configuration, environ: Mapping[str, str], hay: Haystack, planted: Planted
) -> tuple[list[Hit], int]:
    folder, port = configuration.path.parent, free_port()
    with forks(folder, {**environ, "GONGHUI_CONFIG": str(configuration.path)}) as forked:
        server = forked.start(port)
        connections = Connections(port)
        await Site(connections, hay, planted).plant()
        await WeChat(connections, hay, planted).plant()
        with (folder / "program.log").open("w", encoding="utf-8") as log:
            configure_logging("debug", "json", log)
            program = build(configuration)
            use_quick_passwords(program)
            await program.migrate()
            await Staff(program, hay, planted).plant()
            (folder / "metrics.txt").write_bytes((await connections.ask(get("/metrics"))).body)
            program.backups.make("stolen")
            forked.kill(server)
        connections.close()
        await check_planted(program, planted)
        rows = await rows_of(program)  # before the files: reading them must not tidy anything away
        found = search(hay, loot(configuration, rows))
        await program.store.close()
    return found


def configuration_of(folder: Path, environ: Mapping[str, str]) -> Configuration:
    """The shipped configuration with WeChat, and a log that keeps nothing to itself."""
    changes: dict[str, object] = {
        "wechat": {"enabled": True, "app_id": APP_ID, "original_id": ACCOUNT, "mode": "safe"},
        "web": {"base_url": "https://ask.example.org"},
        "logging": {"level": "debug", "format": "json"},
        "answers": {"slow_encoder": False},
    }
    return a_configuration(folder, changes, environ)


@contextmanager
def temporary_files(folder: Path) -> Iterator[dict[str, str]]:
    """A folder for the temporary files of this process and those it starts, as the environment names it."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield {"TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)}
    finally:
        tempfile.tempdir = before


async def check_planted(program: Program, planted: Planted) -> None:
    """That what was planted has arrived: what was never stored would not be found either."""
    async with program.store.engine.connect() as connection:

        async def count(row: type) -> int:
            table = row.__table__  # type: ignore[attr-defined]
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())

        rows = {"cases": CaseRow, "drafts": ConversationRow, "files": CaseFileRow}
        there = {name: await count(row) for name, row in rows.items()}
    erased = 2  # the files of the case whose content was deleted
    wanted = {"cases": planted.cases, "drafts": planted.drafts, "files": planted.files - erased}
    short = {name: (there[name], number) for name, number in wanted.items() if there[name] < number}
    if short:
        raise SystemExit(f"not all that was planted is there (there, planted): {short}")


async def rows_of(program: Program) -> dict[str, bytes]:
    """Every value of every table, as SQL gives it."""
    found: dict[str, bytes] = {}
    async with program.store.engine.connect() as connection:
        tables = MetaData()
        await connection.run_sync(tables.reflect)
        for name, table in tables.tables.items():
            rows = (await connection.execute(select(table))).all()
            found[name] = b"\n".join(_bytes(value) for row in rows for value in row)
    return found


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def loot(configuration: Configuration, rows: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Everything that was written: rows, the folder of the program with logs and temporary files, PostgreSQL's own."""
    folder = configuration.path.parent
    yield from ((f"table {name}", content) for name, content in rows.items())
    yield from files_under(folder)
    for dump in sorted(folder.rglob("*.dump")):
        plain = subprocess.run(["pg_restore", "--file=-", str(dump)], capture_output=True, check=True)
        yield f"{dump.name} unpacked", plain.stdout
    host = make_url(configuration.database_url).query.get("host")
    if isinstance(host, str) and Path(host).is_dir():
        yield from files_under(Path(host))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="SQLite alone, unless a database is named")
    add_database(parser)
    parser.set_defaults(database=None)
    given = parser.parse_args()
    chosen = given.database or ("sqlite" if given.quick else "both")
    parts = {}
    for name in databases(chosen):
        parts[name] = run(name, secrets.randbits(32))
        print(f"{name}: {json.dumps(parts[name], ensure_ascii=False)}", flush=True)
    sums = {name: sum(int(str(part[name])) for part in parts.values()) for name in ("needles", "hits")}
    result = {"benchmark": "stolen_database", **sums, **parts, "targets": TARGETS, "met": sums["hits"] == 0}
    print(json.dumps(result, ensure_ascii=False))
    raise SystemExit(not result["met"])


if __name__ == "__main__":
    main()
