"""`gonghui faq` and `gonghui laws` on a database of their own, as an operator types them."""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.answers.content import CONSOLE, read_folder
from bot.answers.entries import render_entry
from bot.cli import app
from bot.errors import ContentError
from bot.keyring import make_key_ring_document, parse_key_ring
from bot.laws.citation import Citation
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from tests.builders import ROOT, a_configuration, an_entry

Command = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command in an installation without entries of its own."""
    content = tmp_path / "content"
    for part in ("complaints", "laws", "lexicon", "replies"):
        shutil.copytree(ROOT / "content" / part, content / part)
    (content / "faq").mkdir()
    a_configuration(tmp_path, {"content_dir": str(content)})
    monkeypatch.setenv("GONGHUI_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return invoke


def write(folder: Path, **sources: str) -> Path:
    (folder / "wage").mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        (folder / f"wage/{name}.md").write_text(source, encoding="utf-8")
    return folder


def succeeded(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def test_import_and_export_give_every_file_back_unchanged(run: Command, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "content/faq", tmp_path / "in")
    count = len(read_folder(folder))
    assert f"{count} new, 0 changed, 0 unchanged, 0 retired" in succeeded(run("faq", "import", folder))
    assert f"{count} entries in" in succeeded(run("faq", "export", tmp_path / "out"))
    for path in folder.glob("*/*.md"):
        assert (tmp_path / "out" / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_a_second_import_says_what_changed(run: Command, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", arrears=render_entry(an_entry()), proof=render_entry(an_entry("wage.proof")))
    succeeded(run("faq", "import", folder))
    write(folder, arrears=render_entry(an_entry(title="欠薪怎么办", ask=("欠薪", "不发钱"))))
    (folder / "wage/proof.md").unlink()
    output = succeeded(run("faq", "import", folder, "--retire-others"))
    assert "wage.arrears: ask +2 -2; title: 单位拖欠工资怎么办 -> 欠薪怎么办" in output
    assert "wage.proof: retired" in output
    assert "0 new, 1 changed, 0 unchanged, 1 retired" in output
    assert "1 entries in" in succeeded(run("faq", "export", tmp_path / "out"))


def test_what_staff_wrote_in_the_console_is_kept_exported_and_replaced_only_by_force(
    run: Command, tmp_path: Path
) -> None:
    folder = write(tmp_path / "in", arrears=render_entry(an_entry()))
    succeeded(run("faq", "import", folder))
    edited = render_entry(an_entry(title="控制台里改的标题"))
    asyncio.run(_save_in_console(tmp_path / "data" / "gonghui.db", edited))
    output = succeeded(run("faq", "import", folder))
    assert "wage.arrears: kept, it was changed in the console" in output
    assert "0 new, 0 changed, 0 unchanged, 0 retired, 1 kept" in output
    succeeded(run("faq", "export", tmp_path / "out"))
    assert (tmp_path / "out/wage/arrears.md").read_text(encoding="utf-8") == edited
    assert "0 changed, 1 unchanged" in succeeded(run("faq", "import", tmp_path / "out"))
    forced = succeeded(run("faq", "import", folder, "--force"))
    assert "wage.arrears: title: 控制台里改的标题 -> 单位拖欠工资怎么办" in forced
    assert "wage.arrears: the version written in the console was replaced" in forced
    succeeded(run("faq", "export", tmp_path / "again"))
    assert (tmp_path / "again/wage/arrears.md").read_text(encoding="utf-8") == render_entry(an_entry())


async def _save_in_console(database: Path, source: str) -> None:
    store = SqlStore(make_engine(f"sqlite+aiosqlite:///{database}"), parse_key_ring(make_key_ring_document()))
    async with store.write() as work:
        await work.entries.save("wage.arrears", source, f"{CONSOLE}pia", datetime(2026, 11, 22, tzinfo=UTC))
        await work.commit()
    await store.close()


def test_one_faulty_file_and_nothing_is_imported(run: Command, tmp_path: Path) -> None:
    repealed = an_entry("wage.bonus", citations=(Citation("合同法", 3),))
    folder = write(tmp_path / "in", arrears=render_entry(an_entry()), proof="x", bonus=render_entry(repealed))
    result = run("faq", "import", folder)
    assert isinstance(result.exception, ContentError)
    told = str(result.exception)
    assert "in/wage/proof.md:1: must begin with front matter" in told
    assert "in/wage/bonus.md:11: citations: 《合同法》第3条 is repealed" in told
    assert "nothing was imported" in told
    assert isinstance(run("faq", "export", tmp_path / "out").exception, ContentError)


def test_a_new_entry_starts_as_a_file_that_says_what_is_missing(run: Command, tmp_path: Path) -> None:
    assert "content/faq/wage/arrears.md" in succeeded(run("faq", "new", "wage.arrears"))
    result = run("faq", "check")
    assert result.exit_code == 1
    assert "content/faq/wage/arrears.md:3: error: title: must be text" in result.output


def test_check_finds_errors_and_says_so_by_its_status(run: Command, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", arrears=render_entry(an_entry(related=("wage.none",))))
    result = run("faq", "check", folder)
    assert result.exit_code == 1
    assert "in/wage/arrears.md:9: error: related: there is no entry wage.none" in result.output
    assert "in/wage/arrears.md:13: error: ask: 2 phrasings, 30 are needed" in result.output
    assert "(no statute texts loaded)" in result.output
    assert not (tmp_path / "data").exists()
    without = run("faq", "check", folder, "--no-warnings").output
    assert "warning:" not in without


def article(number: int, **changes: object) -> str:
    row = {"law": "劳动合同法", "full_title": "劳动合同法", "article": number, "suffix": 0, "text": "正文。"}
    return json.dumps({**row, **changes}, ensure_ascii=False)


def test_statute_texts_are_loaded_listed_and_used_by_check(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "laws.jsonl"
    lines = [article(n, text=f"第{n}条的正文。", version="2012-12-28") for n in range(1, 99)]
    lines += [article(1, law="新法"), article(99, text="")]
    file.write_text("\n".join(lines), encoding="utf-8")
    output = succeeded(run("laws", "import", file))
    assert "99 articles of 2 laws loaded; 1 lines had no text" in output
    assert "新法: is not in content/laws/laws.yaml" in output
    listed = succeeded(run("laws", "list", "--loaded"))
    assert "劳动合同法" in listed
    assert "劳动法 " not in listed
    entry = an_entry(citations=(Citation("劳动合同法", 30, paragraph=2),))
    folder = write(tmp_path / "in", arrears=render_entry(entry))
    assert "wage/arrears.md:11: error: citations: 《劳动合同法》第30条第2款: the article has 1 paragraphs" in (
        run("faq", "check", folder).output
    )


def test_loading_a_law_again_replaces_it(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "laws.jsonl"
    for count in (3, 2):
        file.write_text("\n".join(article(n) for n in range(1, count + 1)), encoding="utf-8")
        output = succeeded(run("laws", "import", file))
    assert "劳动合同法: the last article loaded is 2, content/laws/laws.yaml says 98" in output
    assert "2 articles loaded" in succeeded(run("laws", "list"))


def test_nothing_is_loaded_from_a_faulty_file_and_every_bad_line_is_named(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "laws.jsonl"
    file.write_text("\n".join([article(1), "{", article(2, law="")]), encoding="utf-8")
    result = run("laws", "import", file)
    assert isinstance(result.exception, ContentError)
    assert [fault.split(":")[1] for fault in result.exception.faults] == ["2", "3"]
    assert "0 articles loaded" in succeeded(run("laws", "list"))
    assert isinstance(run("laws", "import", tmp_path / "none.jsonl").exception, ContentError)
