"""A consistent copy of the whole database while it is in use, and the way back.

SQLite copies itself through its online backup; PostgreSQL through pg_dump, which has to be
installed beside us. What comes out is checked before anybody relies on it.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url

from bot.errors import BackupFailed

_LONGEST_DETAIL = 300
_BUSY_SECONDS = 30.0
_FILES, _KEPT = "case_file", "kept"
"""The table of files, and the state of those whose bytes are there."""

_COPY = re.compile(rf"COPY (?:\w+\.)?{_FILES} \((.*)\) FROM stdin;")


def make_snapshots(url: str | URL) -> "SqliteSnapshots | PostgresSnapshots":
    """The way to copy the database of that URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteSnapshots(Path(parsed.database or ""))
    return PostgresSnapshots(parsed)


class SqliteSnapshots:
    """Copies a SQLite file."""

    suffix = ".db"

    def __init__(self, path: Path) -> None:
        self._path = path

    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path.is_file()

    def size(self) -> int:
        """The database and what waits in its write-ahead log."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def write(self, target: Path) -> None:
        """Copy the database into the file. Raises BackupFailed."""
        if not self.exists():
            raise BackupFailed(f"there is no database {self._path} yet")
        with _sqlite_errors(), closing(_open(self._path, "ro")) as source, closing(_open(target, "rwc")) as copy:
            source.backup(copy)

    def check(self, copy: Path) -> None:
        """Read a copy through. Raises BackupFailed when it is damaged or no copy at all."""
        # immutable: a copy is not written to, so reading leaves no journal files beside it
        with _sqlite_errors(), closing(_open(copy, "ro", immutable="1")) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            (versions,) = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
            ).fetchone()
        if verdict != "ok":
            raise BackupFailed(f"{copy.name} is damaged")
        if not versions:
            raise BackupFailed(f"{copy.name} is not a copy of a Gonghui database")

    def file_ids(self, copy: Path) -> frozenset[str]:
        """The files whose bytes there ought to be, by the rows of a copy. Raises BackupFailed."""
        with _sqlite_errors(), closing(_open(copy, "ro", immutable="1")) as connection:
            (there,) = connection.execute(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", (_FILES,)
            ).fetchone()
            if not there:
                return frozenset()  # from before there were files
            rows = connection.execute(f"SELECT id FROM {_FILES} WHERE state = ?", (_KEPT,))  # noqa: S608 - our own name
            return frozenset(id for (id,) in rows)

    def restore(self, copy: Path) -> None:
        """Make the database what the copy holds, in one transaction. Raises BackupFailed."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _sqlite_errors(), closing(_open(copy, "ro", immutable="1")) as source:
            with closing(_open(self._path, "rwc")) as target:
                source.backup(target)
            self._path.chmod(0o600)


class PostgresSnapshots:
    """Dumps a PostgreSQL database in pg_dump's own format."""

    suffix = ".dump"

    def __init__(self, url: URL) -> None:
        self._url = url

    def exists(self) -> bool:
        """Whoever can name a PostgreSQL database has one."""
        return True

    def size(self) -> int:
        """Not known: the server keeps the data."""
        return 0

    def write(self, target: Path) -> None:
        """Copy the database into the file. Raises BackupFailed."""
        self._run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")

    def check(self, copy: Path) -> None:
        """Read a copy through. Raises BackupFailed when it is damaged or no copy at all."""
        _run_tool(["pg_restore", "--file=/dev/null", str(copy)], {})

    def file_ids(self, copy: Path) -> frozenset[str]:
        """The files whose bytes there ought to be, by the rows of a copy. Raises BackupFailed."""
        data = _run_tool(["pg_restore", "--data-only", f"--table={_FILES}", "--file=-", str(copy)], {})
        return frozenset(_kept_ids(data.splitlines()))

    def restore(self, copy: Path) -> None:
        """Make the database what the copy holds, in one transaction. Raises BackupFailed."""
        options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        self._run("pg_restore", *options, f"--dbname={self._url.database}", str(copy))

    def _run(self, tool: str, *arguments: str) -> None:
        query = self._url.query
        host = self._url.host or query.get("host")
        settings = {
            "PGHOST": host if isinstance(host, str) else None,
            "PGPORT": str(self._url.port) if self._url.port else None,
            "PGUSER": self._url.username,
            "PGDATABASE": self._url.database,
            "PGPASSWORD": self._url.password,  # in the environment, as arguments can be seen by everybody
        }
        _run_tool([tool, *arguments], {name: value for name, value in settings.items() if value})


def _kept_ids(lines: Iterable[str]) -> Iterator[str]:
    """Ids of kept files in the rows that a dump copies into their table."""
    columns: list[str] = []
    for line in lines:
        if head := _COPY.fullmatch(line):
            columns = [name.strip().strip('"') for name in head[1].split(",")]
        elif line == "\\.":
            columns = []
        elif columns:
            row = dict(zip(columns, line.split("\t"), strict=True))
            if row["state"] == _KEPT:
                yield row["id"]


def _run_tool(command: list[str], settings: Mapping[str, str]) -> str:
    """What the tool said. Raises BackupFailed."""
    found = shutil.which(command[0])
    if found is None:
        raise BackupFailed(f"{command[0]} is not installed (Debian: postgresql-client)")
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [found, *command[1:]], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        detail = " ".join(done.stderr.split())[:_LONGEST_DETAIL]
        raise BackupFailed(f"{command[0]} ended with {done.returncode}: {detail}")
    return done.stdout


def _open(path: Path, mode: str, **options: str) -> sqlite3.Connection:
    query = "&".join(f"{name}={value}" for name, value in {"mode": mode, **options}.items())
    address = f"file:{quote(str(path.absolute()))}?{query}"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)


@contextmanager
def _sqlite_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupFailed(f"SQLite: {error}") from error
