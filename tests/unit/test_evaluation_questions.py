"""Question files: what is read from them, and what is said about faulty ones."""

import json
from pathlib import Path

import pytest

from bot.answers.evaluation.questions import Question, load_questions, most_asked
from bot.errors import ContentError


def a_file(folder: Path, *lines: object, name: str = "questions.jsonl") -> Path:
    path = folder / name
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_several_files_are_read_in_order(tmp_path: Path) -> None:
    first = a_file(
        tmp_path, {"id": 1, "question": "欠薪", "topics": ["wage.arrears"], "typed_by_person": True}, "", name="a"
    )
    second = a_file(tmp_path, {"id": "o", "question": "离婚", "topics": [], "work_like_words": True}, name="b")
    assert load_questions([first, second]) == [
        Question("1", "欠薪", ("wage.arrears",), typed=True),
        Question("o", "离婚", (), work_like=True),
    ]


def test_unicode_line_separators_inside_a_question_do_not_end_its_line(tmp_path: Path) -> None:
    [question] = load_questions([a_file(tmp_path, {"id": "1", "question": "工资\u2028没发", "topics": []})])
    assert question.text == "工资\u2028没发"


FAULTY = (
    "{",
    "[]",
    '{"id": 1, "topics": []}',
    '{"question": "a", "topics": []}',
    '{"id": 1, "question": "a"}',
    '{"id": 1, "question": "a", "topics": "wage"}',
    '{"id": 1, "question": "a", "topics": [1]}',
)


@pytest.mark.parametrize("line", FAULTY)
def test_a_faulty_line_is_named_by_file_and_number(tmp_path: Path, line: str) -> None:
    path = a_file(tmp_path, {"id": 0, "question": "a", "topics": []}, line)
    with pytest.raises(ContentError) as caught:
        load_questions([path])
    assert f"{path}:2" in str(caught.value)


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        load_questions([tmp_path / "absent", a_file(tmp_path, "x")])
    assert len(caught.value.faults) == 2


def test_an_id_on_two_lines_is_a_fault(tmp_path: Path) -> None:
    """Otherwise a question that is in two files would count twice."""
    line = {"id": "same", "question": "a", "topics": []}
    one, other = a_file(tmp_path, line, name="a"), a_file(tmp_path, line, name="b")
    with pytest.raises(ContentError) as caught:
        load_questions([one, other])
    assert caught.value.faults == [f"{other}:1: id: 'same' stands at {one}:1 already"]


def test_empty_files_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no questions"):
        load_questions([a_file(tmp_path)])


def test_most_asked_counts_every_accepted_topic_then_first_places_then_the_name() -> None:
    def asked(*topics: str) -> Question:
        return Question("", "", topics)

    questions = [asked("a", "b"), asked("b", "a"), asked("c", "b"), asked("d", "a"), asked("e"), asked("f")]
    assert most_asked(questions, 4) == ("a", "b", "c", "d")
    assert most_asked([asked("y", "z"), asked("z"), asked("y"), asked("x"), asked("x")], 3) == ("x", "y", "z")
