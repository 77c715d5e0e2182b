"""Entries between files and the base: nothing lost, nothing half done, every change told."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.answers.content import changes, export_entries, import_entries, new_entry, read_files, read_folder
from bot.answers.entries import Entry, parse_entry, render_entry
from bot.errors import ContentError
from bot.laws.citation import Citation
from tests.builders import an_entry

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class MemoryWriter:
    """The base in memory, for what an import asks of a unit of work."""

    def __init__(self) -> None:
        self.live: dict[str, str] = {}
        self.by: dict[str, str] = {}

    async def take_turn(self) -> None:
        pass

    async def saved_by(self) -> dict[str, str]:
        return {topic: self.by.get(topic, "test") for topic in self.live}

    async def save(self, topic: str, source: str, by: str, now: datetime) -> int | None:
        if self.live.get(topic) == source:
            return None
        self.live[topic], self.by[topic] = source, by
        return 1

    async def retire(self, topic: str) -> bool:
        return self.live.pop(topic, None) is not None

    async def current(self) -> dict[str, str]:
        return dict(self.live)


def write(folder: Path, *entries: Entry) -> None:
    export_entries({entry.topic: render_entry(entry) for entry in entries}, folder)


def test_a_folder_is_read_by_topic(tmp_path: Path) -> None:
    entries = [an_entry(), an_entry("injury.death", complaint_category="injury")]
    write(tmp_path, *entries)
    assert read_folder(tmp_path) == {entry.topic: entry for entry in entries}


def test_faults_of_all_files_are_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, an_entry(), an_entry("wage.proof"), an_entry("wage.bonus"))
    (tmp_path / "wage/proof.md").write_text("no front matter", encoding="utf-8")
    (tmp_path / "wage/bonus.md").write_bytes(b"---\nid: \xff\n")
    (tmp_path / "wage/arrears.md").rename(tmp_path / "wage/other.md")
    with pytest.raises(ContentError) as error:
        read_folder(tmp_path)
    assert sorted(error.value.faults) == [
        f"{tmp_path}/wage/bonus.md:1: is not UTF-8 text",
        f"{tmp_path}/wage/other.md:2: id: wage.arrears must be wage.other, as the file is named",
        f"{tmp_path}/wage/proof.md:1: must begin with front matter between two lines of ---",
    ]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="is not a folder"):
        read_folder(tmp_path / "nowhere")


async def test_importing_twice_changes_nothing_the_second_time() -> None:
    writer = MemoryWriter()
    entries = {"wage.arrears": an_entry()}
    first = await import_entries(entries, writer, "test", NOW)
    second = await import_entries(entries, writer, "test", NOW)
    assert (first.saved, first.unchanged) == (("wage.arrears",), 0)
    assert (second.saved, second.unchanged) == ((), 1)


async def test_an_import_says_what_changed() -> None:
    writer = MemoryWriter()
    await import_entries({"wage.arrears": an_entry()}, writer, "test", NOW)
    new = an_entry(title="欠薪怎么办", ask=("公司三个月没发工资", "欠钱", "拖着"), review_by=date(2027, 1, 1))
    imported = await import_entries({"wage.arrears": new, "wage.proof": an_entry("wage.proof")}, writer, "test", NOW)
    assert imported.changes["wage.proof"] == ("new",)
    assert imported.changes["wage.arrears"] == (
        "ask +2 -1",
        "title: 单位拖欠工资怎么办 -> 欠薪怎么办",
        "review_by: 2027-11-01 -> 2027-01-01",
    )


async def test_other_entries_stay_unless_they_are_to_be_retired() -> None:
    writer = MemoryWriter()
    await import_entries({t: an_entry(t) for t in ("wage.arrears", "wage.proof")}, writer, "test", NOW)
    kept = await import_entries({"wage.arrears": an_entry()}, writer, "test", NOW)
    assert kept.retired == ()
    gone = await import_entries({"wage.arrears": an_entry()}, writer, "test", NOW, retire_others=True)
    assert gone.retired == ("wage.proof",)
    assert set(writer.live) == {"wage.arrears"}


async def test_an_entry_that_cannot_be_read_any_more_is_replaced() -> None:
    writer = MemoryWriter()
    writer.live["wage.arrears"] = "written by an older program"
    imported = await import_entries({"wage.arrears": an_entry()}, writer, "test", NOW)
    assert imported.changes == {"wage.arrears": ("replaced",)}


async def test_what_was_written_in_the_console_is_kept_and_named() -> None:
    writer = MemoryWriter()
    await import_entries({"wage.arrears": an_entry(), "wage.proof": an_entry("wage.proof")}, writer, "test", NOW)
    await writer.save("wage.arrears", render_entry(an_entry(title="干部改的标题")), "console:a", NOW)
    await writer.save("wage.mine", render_entry(an_entry("wage.mine")), "console:a", NOW)
    files = {"wage.arrears": an_entry(title="文件的标题"), "wage.proof": an_entry("wage.proof", title="新")}
    imported = await import_entries(files, writer, "import", NOW, retire_others=True)
    assert imported.kept == ("wage.arrears", "wage.mine")
    assert (imported.saved, imported.retired, imported.unchanged) == (("wage.proof",), (), 0)
    assert parse_entry(writer.live["wage.arrears"]).title == "干部改的标题"
    forced = await import_entries(files, writer, "import", NOW, retire_others=True, overwrite=True)
    assert forced.overwritten == ("wage.arrears", "wage.mine")
    assert (forced.kept, forced.retired) == ((), ("wage.mine",))
    assert parse_entry(writer.live["wage.arrears"]).title == "文件的标题"


async def test_a_console_version_that_was_exported_and_is_imported_again_is_unchanged() -> None:
    writer = MemoryWriter()
    await writer.save("wage.arrears", render_entry(an_entry()), "console:a", NOW)
    imported = await import_entries({"wage.arrears": an_entry()}, writer, "import", NOW)
    assert (imported.kept, imported.unchanged) == ((), 1)


def test_changes_name_the_parts_of_an_entry() -> None:
    old = an_entry()
    new = an_entry(
        short="别的答案。",
        citations=(Citation("劳动合同法", 30),),
        ask=tuple(reversed(old.ask)),
        sections=(*old.sections[:-1], type(old.sections[0])("提醒", "- 别的。")),
    )
    assert changes(old, new) == ["ask reordered", "citations +0 -1", "short answer", "提醒"]
    assert changes(old, old) == []


def test_export_names_files_that_are_not_in_the_base(tmp_path: Path) -> None:
    write(tmp_path, an_entry("wage.proof"))
    written, others = export_entries({"wage.arrears": render_entry(an_entry())}, tmp_path)
    assert written == [tmp_path / "wage/arrears.md"]
    assert others == [tmp_path / "wage/proof.md"]


def test_a_skeleton_is_an_entry_once_it_is_filled_in(tmp_path: Path) -> None:
    path = new_entry(tmp_path, "wage.arrears", "全国", date(2026, 11, 22))
    assert path == tmp_path / "wage/arrears.md"
    skeleton = path.read_text(encoding="utf-8")
    with pytest.raises(ContentError):
        parse_entry(skeleton)
    filled = skeleton.replace("title:", "title: 单位拖欠工资怎么办")
    filled = filled.replace("ask: []         #", "ask:\n  - 公司三个月没发工资\n#")
    filled = filled.replace("---\n\n\n## 怎么办\n", "---\n工资应当按时发。\n\n## 怎么办\n1. 催要。\n")
    for heading in ("证据", "去哪里", "金额和期限", "山东规定", "提醒"):
        filled = filled.replace(f"## {heading}\n", f"## {heading}\n- 内容。\n")
    entry = parse_entry(filled)
    assert (entry.effective_from, entry.checked_on, entry.review_by) == (
        date(2026, 11, 22),
        date(2026, 11, 22),
        date(2027, 11, 22),
    )
    assert entry.complaint_category == "wage"


def test_a_skeleton_never_overwrites_and_names_only_topics(tmp_path: Path) -> None:
    new_entry(tmp_path, "dispute.routes", "全国", date(2028, 2, 29))
    assert "review_by: 2029-02-28" in (tmp_path / "dispute/routes.md").read_text(encoding="utf-8")
    with pytest.raises(ContentError, match="is there already"):
        new_entry(tmp_path, "dispute.routes", "全国", date(2026, 11, 22))
    for topic in ("wage", "../wage.arrears", "Wage.arrears", "wage.arrears.md/x"):
        with pytest.raises(ContentError, match="is not a topic"):
            new_entry(tmp_path, topic, "全国", date(2026, 11, 22))


def test_reading_gives_the_readable_files_beside_the_faults(tmp_path: Path) -> None:
    write(tmp_path, an_entry(), an_entry("wage.proof"))
    (tmp_path / "wage/proof.md").write_text("---\n", encoding="utf-8")
    files, faults = read_files(tmp_path)
    assert [file.entry.topic for file in files] == ["wage.arrears"]
    assert len(faults) == 1
