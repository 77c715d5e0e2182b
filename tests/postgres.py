"""A PostgreSQL server for the tests: the one that is named, or one of our own in a temporary folder.

`GONGHUI_TEST_POSTGRES_URL` names a server (postgresql+psycopg://user:password@host/postgres) on
which databases may be created. Without it the server is started from what is installed. Where
neither is to be had the tests skip and say so; in CI (`CI=true`) they fail instead.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

VARIABLE = "GONGHUI_TEST_POSTGRES_URL"
_OTHER_FOLDERS = "/usr/lib/postgresql/*/bin/{name}"
_USERS = ("postgres", "nobody")


class NoPostgres(Exception):
    """No PostgreSQL server can be had here."""


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[URL]:
    """The URL of a server on which databases may be created. Raises NoPostgres with the reason.

    durable: every commit reaches the disk, as in real use. Tests can do without: nobody needs their data afterwards.
    """
    named = os.environ.get(VARIABLE)
    if named:
        yield make_url(named)
        return
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    folder = Path(tempfile.mkdtemp(prefix="gh-pg-"))
    user = _user_to_run_as()
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    try:
        _run(user, initdb, "-D", f"{folder}/data", "-U", "gonghui", "-A", "trust", "-E", "UTF8", "--no-sync")
        # A socket in our own folder needs no port.
        options = f"{'' if durable else '-F '}-k {folder} -c listen_addresses= -c max_connections=60"
        _run(user, pg_ctl, "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield URL.create("postgresql+psycopg", "gonghui", database="postgres", query={"host": str(folder)})
        finally:
            _run(user, pg_ctl, "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_database(server: URL) -> Iterator[str]:
    """The URL of an empty database of its own on that server; it is dropped afterwards."""
    name = f"gonghui_test_{secrets.token_hex(6)}"
    _execute(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(server: URL, statement: sql.Composed) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(statement)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    others = sorted(Path("/").glob(_OTHER_FOLDERS.format(name=name).lstrip("/")))
    if not others:
        raise NoPostgres(f"{name} is not installed (Debian: postgresql), and {VARIABLE} is not set")
    return str(others[-1])


def _user_to_run_as() -> str | None:
    """PostgreSQL refuses to run as root: who to be instead; None when we are nobody special."""
    if os.geteuid() != 0:
        return None
    for user in _USERS:
        try:
            pwd.getpwnam(user)
        except KeyError:
            continue
        return user
    raise NoPostgres(f"running as root, and there is no user {' or '.join(_USERS)} to run the server as")


def _run(user: str | None, *command: str) -> None:
    # pg_ctl's server keeps the output open, so it must not be a pipe that we wait on.
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, stdout=output, stderr=subprocess.STDOUT, cwd="/", check=False, timeout=120, **as_user
        )
        output.seek(0)
        if done.returncode:
            raise NoPostgres(f"{command[0]} failed: {output.read().decode(errors='replace')[-500:]}")
