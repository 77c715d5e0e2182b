"""What comes out the same for every program of a test run is worked out once in each process of it.

A program reads its content, compiles its templates and makes its tables when it starts, and more than a thousand tests
start one. So what was read from a text is kept with that text, a template with its source, and a new SQLite database
is a copy of one that the migrations have made. A text that differs is read as ever, and what has faults is not kept.
Kept is only what nobody changes: frozen values. Server processes under test know nothing of this, nor do the tests of
reading and of migrations: they call the functions themselves.
"""

import asyncio
import fcntl
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import jinja2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.answers.base import FaqBase
from bot.answers.encoders import Encoder, FastEncoder, Vectors
from bot.answers.entries import Entry, parse_entry, render_entry
from bot.answers.index import Materials
from bot.answers.keeper import RankerFactory
from bot.answers.ports import Ranker
from bot.answers.rules import Rule, load_rules
from bot.answers.vectors import VectorCache
from bot.laws.register import LawRegister
from bot.laws.register_files import load_register
from bot.publishing.post_files import PostFile, read_post
from bot.store.engine import make_engine
from bot.store.migrate import current, head, upgrade
from bot.wording import Wording, load_wording

MOST_KEPT = 600
"""Results that are kept, of every kind: a few more than the shipped content needs."""


def work_things_out_once(patch: pytest.MonkeyPatch, folder: Path, shared: Path) -> None:
    """Let programs that are built in this process find what an earlier one has worked out.

    shared: a folder of all processes of this test run, for what may come from another one.
    """
    kept = Kept()
    (shared / "vectors").mkdir(parents=True, exist_ok=True)
    patch.setattr(LentVectors, "known", shared / "vectors")
    patch.setattr("bot.answers.index.VectorCache", LentVectors)
    patch.setattr(jinja2.Environment, "compile", kept.compile(jinja2.Environment.compile))
    for reader in ("bot.answers.base", "bot.answers.content"):
        patch.setattr(f"{reader}.parse_entry", kept.parse_entry)
    patch.setattr("bot.answers.content.render_entry", kept.render_entry)
    patch.setattr("bot.answers.assembly.load_rules", kept.load_rules)
    patch.setattr("bot.publishing.post_files.read_post", kept.read_post)
    for reader in ("bot.knowledge_desk", "bot.publishing.assembly"):
        patch.setattr(f"{reader}.load_register", kept.load_register)
    patch.setattr("bot.app.load_wording", kept.load_wording)
    for module in ("bot.app", "bot.store.migrate"):
        patch.setattr(f"{module}.head", lru_cache(head))
    patch.setattr("bot.app.upgrade", Tables(folder / "migrated.db").upgrade)


class Kept:
    """Functions of the program that remember their results by what they have read."""

    def __init__(self) -> None:
        self._results: dict[Hashable, Any] = {}

    def parse_entry(self, source: str, name: str = "entry") -> Entry:
        """The entry; its name stands only in faults."""
        entry: Entry = self._once((parse_entry, source), lambda: parse_entry(source, name))
        return entry

    def render_entry(self, entry: Entry) -> str:
        """The text of an entry."""
        text: str = self._once((render_entry, entry), lambda: render_entry(entry))
        return text

    def read_post(self, source: str, path: Path) -> PostFile:
        """The post."""
        post: PostFile = self._once((read_post, source, path), lambda: read_post(source, path))
        return post

    def load_rules(self, path: Path) -> list[Rule]:
        """The rules of a file."""
        return list(self._once((load_rules, *_bytes(path)), lambda: load_rules(path)))

    def load_register(self, folder: Path) -> LawRegister:
        """The register of laws."""
        texts = _bytes(folder / "laws.yaml", folder / "documents.yaml")
        register: LawRegister = self._once((load_register, *texts), lambda: load_register(folder))
        return register

    def load_wording(self, folder: Path) -> Wording:
        """The sentences of a folder."""
        texts = _bytes(*sorted(folder.glob("*.yaml")))
        wording: Wording = self._once((load_wording, *texts), lambda: load_wording(folder))
        return wording

    def compile(self, compile_: Callable[..., Any]) -> Callable[..., Any]:
        """What Jinja's method does, compiling a source once for all environments that are alike.

        Alike in what a template is compiled by: two programs have filters of the same functions, bound to objects of
        their own, and those are looked up anew by every environment. Only a filter of a constant would be worked out
        when a template is compiled, and none of ours needs its object for that.
        """

        def of(environment: jinja2.Environment, source: Any, *args: Any, **named: Any) -> Any:
            key = (compile_, source, args, tuple(named.items()), *_kind(environment))
            return self._once(key, lambda: compile_(environment, source, *args, **named))

        return of

    def _once(self, key: Hashable, work_out: Callable[[], Any]) -> Any:
        if key not in self._results:
            result = work_out()
            while len(self._results) >= MOST_KEPT:
                self._results.pop(next(iter(self._results)), None)
            self._results[key] = result
        else:  # to the end of those that may have to go
            self._results[key] = result = self._results.pop(key)
        return result


def _bytes(*paths: Path) -> tuple[bytes | None, ...]:
    """What the files hold; None for one that cannot be read, over which its reader shall stumble itself."""
    texts: list[bytes | None] = []
    for path in paths:
        try:
            texts.append(path.read_bytes())
        except OSError:
            texts.append(None)
    return tuple(texts)


def _kind(environment: jinja2.Environment) -> tuple[Any, ...]:
    functions = [*environment.filters.items(), *environment.tests.items()]
    return (
        type(environment),
        tuple(sorted(environment.extensions)),
        environment.autoescape,
        environment.undefined,
        environment.finalize,
        environment.trim_blocks,
        environment.lstrip_blocks,
        environment.keep_trailing_newline,
        environment.is_async,
        tuple((name, getattr(it, "__module__", ""), getattr(it, "__qualname__", "")) for name, it in functions),
    )


class LexicalRankers(RankerFactory):
    """Rankers without encoders, with one folder for each base: whoever needs its index first builds it.

    Others wait meanwhile, also in other processes.
    """

    def __init__(self, materials: Materials, folder: Path) -> None:
        super().__init__(materials=materials, folder=folder, fast=None, slow=None)

    def quick(self, base: FaqBase) -> tuple[Ranker, bool]:
        """The ranker, which is the complete one."""
        folder = self.folder / base.revision
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return RankerFactory(materials=self.materials, folder=folder, fast=None, slow=None).quick(base)


class LentVectors(VectorCache):
    """Vectors of which those by the fast encoder are shared by all data folders of a test run, in `known`."""

    known: ClassVar[Path | None] = None

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        super().__init__(folder, encoder)
        self._shared = folder if isinstance(encoder, FastEncoder) else None
        if self._shared:
            self.lend(self._shared)

    def get(self, texts: Sequence[str], progress: Callable[[int, int], object] | None = None) -> Vectors:
        """One row a text."""
        rows = super().get(texts, progress)
        if self._shared:
            self.keep(self._shared)
        return rows

    @classmethod
    def lend(cls, folder: Path) -> None:
        """Put the known vectors where a program looks for them; the program encodes what it misses among them."""
        for vectors in cls.known.glob("*.npz") if cls.known else ():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not (folder / vectors.name).exists():
                shutil.copy(vectors, folder)

    @classmethod
    def keep(cls, folder: Path) -> None:
        """Let others have the vectors of that folder if there are none yet."""
        for vectors in folder.glob("use-*.npz") if cls.known else ():
            if cls.known and not (cls.known / vectors.name).exists():
                draft = Path(tempfile.mkdtemp(dir=cls.known)) / vectors.name
                shutil.copy(vectors, draft)
                draft.replace(cls.known / vectors.name)


class Tables:
    """Makes the tables of a new SQLite database by copying those that the migrations have made once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def upgrade(self, engine: AsyncEngine, *, before: Callable[[str | None, str], object] | None = None) -> bool:
        """What `bot.store.migrate.upgrade` promises."""
        if engine.dialect.name != "sqlite" or await current(engine) is not None:
            return await upgrade(engine, before=before)
        await asyncio.to_thread(self._copy_to, Path(str(engine.url.database)))
        return True

    def migrated(self) -> Path:
        """The database with tables and nothing in them."""
        if not self._path.exists():
            with ThreadPoolExecutor(1) as thread:  # in this one the event loop of a test may be running
                thread.submit(asyncio.run, self._make()).result()
        return self._path

    def _copy_to(self, path: Path) -> None:
        # Into the file that the program has made by connecting, so that its mode is the program's.
        with closing(sqlite3.connect(self.migrated())) as source, closing(sqlite3.connect(path)) as target:
            target.execute("PRAGMA synchronous=OFF")
            source.backup(target)

    async def _make(self) -> None:
        draft = self._path.with_suffix(".part")
        engine = make_engine(f"sqlite+aiosqlite:///{draft}")
        await upgrade(engine)
        await engine.dispose()
        draft.rename(self._path)
