"""A prediction folds all content that reveals its answer; an exercise has its level and minutes."""

import pytest

from helpers.book import NOTEBOOK, Book

ASKED = ":::{admonition} Predict, then run\n:class: predict\nHow *much* is it?\n:::\n"
REVEALED = ":::{admonition} Answer\n:class: reveal dropdown\nIt is forty-two.\n:::\n"
CELL = '```{code-cell} python\n---\ntags: [%s]\n---\nprint("%s", %s)\n```\n'
CELLS = [
    CELL % ("hide-output", "first", "6 * 7"),
    "Some words.\n",
    CELL % ("hide-cell", "second", "6 * 7"),
]
PREDICTION = "\n".join([ASKED, *CELLS, REVEALED])
EXERCISE = """\
:::{admonition} How large?
:class: exercise
:name: exercise-size
:level: 2
:minutes: 4
Work it out.
:::

See {numref}`exercise-size` and {ref}`exercise-size`.
"""
BELOW = "\n## Another section\n\n"
FAULTS = {
    "no answer": (ASKED, "a prediction ends with a box of the class reveal"),
    "an answer in the next section": (f"{ASKED}{BELOW}{REVEALED}", "a prediction ends with"),
    "two questions": (f"{ASKED}\n{ASKED}\n{REVEALED}", "a prediction ends with"),
    "no question": (REVEALED, "a box of the class reveal ends a prediction"),
    "no level": (EXERCISE.replace(":level: 2\n", ""), "an exercise must have a :name:, a :level:"),
    "no minutes": (EXERCISE.replace(":minutes: 4\n", ""), "and :minutes:, got no :minutes:"),
    "no name": (EXERCISE.replace(":name: exercise-size\n", ""), "no :name:"),
    "a misspelt class": (EXERCISE.replace("exercise\n", "excercise\n", 1), "has :level:"),
    "level 4": (EXERCISE.replace("level: 2", "level: 4"), "1 to 3 and :minutes:, got level 4"),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A built book with a prediction and exercises, read-only."""
    book = Book(tmp_path_factory.mktemp("prediction") / "book")
    toc = "format: jb-book\nroot: book/index\nparts:\n- numbered: 1\n  chapters:\n"
    book.write("_toc.yml", f"{toc}  - file: book/first\n  - file: book/chapter\n")
    book.write("book/first.md", "# The first\n")
    second = ":::{exercise} Again\n:name: again\n:level: 1\n:minutes: 9\nOnce more.\n:::\n"
    book.write("book/chapter.md", f"{NOTEBOOK}# A chapter\n\n{PREDICTION}\n{EXERCISE}\n{second}")
    book.make()
    return book.keep()


def test_prediction_is_one_box_whose_answer_folds(book):
    [box] = book.page().select(".admonition.predict")
    [answer] = box.select("details")
    assert not answer.has_attr("open")
    assert answer.summary.get_text() == "Answer"
    inside = answer.get_text()
    assert all(words in inside for words in ["first 42", "Some words", "second 42", "forty-two"])


def test_only_the_question_and_the_code_to_run_stay_visible(book):
    [box] = book.page().select(".admonition.predict")
    box.details.extract()
    shown = box.get_text()
    assert "How much is it?" in shown
    assert 'print("first"' in shown
    assert "second" not in shown
    assert "42" not in shown


def test_no_cell_of_a_prediction_folds_by_itself(book):
    assert len(book.page().select(".predict details")) == 1


def test_exercise_has_its_chapter_s_number_level_and_minutes(book):
    first, second = book.page().select(".admonition.exercise")
    assert first.select_one(".admonition-title").get_text() == "Exercise 2.1: How large?"
    assert first.select_one(".exercise-facts").get_text() == "medium, 4 minutes"
    assert second.select_one(".admonition-title").get_text() == "Exercise 2.2: Again"
    assert second.select_one(".exercise-facts").get_text() == "easy, 9 minutes"


def test_text_refers_to_an_exercise_by_its_number_and_by_its_title(book):
    numbered, titled = book.page().select("a[href='#exercise-size']")
    assert numbered.get_text() == "Exercise 2.1"
    assert titled.get_text() == "How large?"


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """The output of a build of a book with each fault in its own chapter."""
    book = Book(tmp_path_factory.mktemp("faulty") / "book")
    names = [fault.replace(" ", "-") for fault in FAULTS]
    chapters = [f"- file: book/{name}" for name in names]
    book.write(
        "_toc.yml", "\n".join(["format: jb-book", "root: book/index", "chapters:", *chapters])
    )
    for name, (text, _) in zip(names, FAULTS.values(), strict=True):
        book.write(f"book/{name}.md", f"# A chapter\n\n{text.replace('exercise-size', name)}")
    code, printed = book.build()
    assert code != 0
    return printed


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_a_warning_with_its_line(fault, reported):
    location = f"book/{fault.replace(' ', '-')}.md:3: "
    assert any(location in line and FAULTS[fault][1] in line for line in reported.splitlines())
