"""A quiz is complete on the page without JavaScript, and a faulty one fails the build."""

import gzip
import re

import pytest
from bs4 import BeautifulSoup

from helpers.books import PACKAGE, quiz_book
from helpers.books import QUIZZES as CHAPTER

TO_TEXT = ["--builder", "custom", "--custom-builder", "text"]
# NAME is replaced by the name of the quiz.
CHOICES = ":name: NAME\n- [x] a: b\n- [ ] c: d\n"
NUMBER = ":name: NAME\n- [x] 49 = `convtools.conv_parameters(1, 1, 7, bias=False)`: why.\n"
CHOICE_FAULTS = {
    "no name": ("- [x] a: b\n- [ ] c: d\n", "a quiz must have a :name:"),
    "a name twice": (CHOICES.replace("NAME", "quiz-twice"), 'target name: "quiz-twice"'),
    "no list": (":name: NAME\n", "one right answer, got 0"),
    "a list before the end": (CHOICES + "\nMore.\n", "one list, at its end"),
    "no right choice": (":name: NAME\n- [ ] a: b\n- [ ] c: d\n", "one right answer, got 0"),
    "two right answers": (":name: NAME\n- [x] a: b\n- [x] c: d\n", "one right answer, got 2"),
    "a choice without a mark": (":name: NAME\n- [x] a: b\n- c: d\n", "neither [x] nor [ ]: 'c'"),
    "a choice unexplained": (":name: NAME\n- [x] a: b\n- [ ] c\n", "no explanation: '[ ] c'"),
    "a colon and no more": (":name: NAME\n- [x] a: b\n- [ ] c:\n", "no explanation: '[ ] c:'"),
    "an empty item": (":name: NAME\n- [x] a: b\n-\n", "no explanation: ''"),
}
NUMBER_FAULTS = {
    "no right number": (":name: NAME\n- [ ] 49: why.\n", "one right answer, got 0"),
    "another number": (":name: NAME\n- [x] 3 = `math.comb(4, 1)`: why.\n", "the text has 3, but"),
    "one that raises": (":name: NAME\n- [x] `math.sqrt(-1)`: why.\n", "ValueError: math domain"),
    "no expression": (":name: NAME\n- [x] `math.comb(`: why.\n", "SyntaxError"),
    "no number": (":name: NAME\n- [x] `math.comb`: why.\n", "TypeError: float()"),
    "not finite": (":name: NAME\n- [x] `math.inf`: why.\n", "'math.inf' is inf"),
    "no tolerance": (":name: NAME\n- [x] `math.pi`: why.\n", "needs a :tolerance:"),
    "a tolerance in words": (f":tolerance: some\n{NUMBER}", "Invalid option value"),
    "a tolerance below 0": (f":tolerance: -1\n{NUMBER}", "must be at least 0, got -1"),
    "a hint for the answer": (f"{NUMBER}- [ ] 49.0: why.\n", "'49.0' is listed twice"),
    "a hint near the answer": (f":tolerance: 2\n{NUMBER}- [ ] 50: why.\n", "'50' is listed twice"),
    "a hint twice": (f"{NUMBER}- [ ] 7: why.\n- [ ] 7e0: why.\n", "'7e0' is listed twice"),
    "a decimal comma": (f"{NUMBER}- [ ] 1,5: why.\n", "nor an `expression`: '1,5'"),
    "a hint in words": (f"{NUMBER}- [ ] many: why.\n", "neither a number nor an"),
    "a hint without a mark": (f"{NUMBER}- 7: why.\n", "neither [x] nor [ ]: '7'"),
    "a hint that raises": (f"{NUMBER}- [ ] `math.sqrt(-1)`: why.\n", "ValueError: math domain"),
}
FAULTS = CHOICE_FAULTS | NUMBER_FAULTS


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A built book with good quizzes, read-only."""
    book = quiz_book(tmp_path_factory.mktemp("quiz") / "book")
    book.make()
    return book.keep()


@pytest.fixture(scope="module")
def article(book):
    return book.page()


def words(element):
    """Return the text of an element, with … in place of its formulas."""
    copy = BeautifulSoup(str(element), "html.parser")
    for formula in copy.select("math"):
        formula.replace_with("…")
    return " ".join(copy.get_text().split())


def solutions(quiz):
    """Return the feedback on each answer, as {answer: (is right, explanation)}."""
    return {
        words(item.p): (item.div["data-right"] == "true", words(item.div))
        for item in quiz.select("details.quiz-answers > ul > li")
    }


def test_question_is_the_legend_of_its_fields(article):
    legends = [words(legend) for legend in article.select("form.quiz > fieldset > legend")]
    assert legends == [
        "What does an odd kernel, …, such as [[-1, 0, 1]], respond to?",
        "How many weights does the layer have?",
        "How far apart, in radians, are the phases of a quadrature pair?",
        "How many radians per second is 250 Hz?",
    ]
    assert article.select("#quiz-odd legend em")
    assert article.select("#quiz-odd legend math")
    assert article.select("#quiz-odd legend code")


def test_text_of_the_question_is_above_the_field(article):
    _, more, label = article.select("#quiz-weights > fieldset > *")
    assert words(more) == "The image has 48 × 64 pixels."
    assert words(label) == "Your answer"


def test_choices_are_labelled_radio_buttons_of_one_group(article):
    buttons = article.select("#quiz-odd input")
    assert {(button["type"], button["name"]) for button in buttons} == {("radio", "answer")}
    assert [words(button.parent) for button in buttons] == [
        "a spot",
        "an edge in …",
        "image[2:, : -2]",
    ]
    assert {button.parent.name for button in buttons} == {"label"}
    assert article.select("#quiz-odd label strong")
    assert article.select("#quiz-odd label math")
    assert article.select("#quiz-odd label code")


def test_each_choice_has_its_explanation(article):
    quiz = article.select_one("#quiz-odd")
    assert solutions(quiz) == {
        "a spot": (False, "No: it covers both halves equally, and they cancel."),
        "an edge in …": (True, "Right: the two halves receive …."),
        "image[2:, : -2]": (
            False,
            "No: that is not a stimulus. It is only a part of an image.",
        ),
    }
    values = [button["value"] for button in quiz.select("input")]
    assert values == [why["data-answer"] for why in quiz.select(".quiz-why")]


def test_number_is_computed_and_each_hint_has_its_explanation(article):
    quiz = article.select_one("#quiz-weights")
    assert solutions(quiz) == {
        "294": (True, "Right: six kernels of … for one input channel."),
        "49": (False, "No: one kernel has as many; there are six."),
        "300": (False, "No: that counts the biases as well."),
        "56,623,104": (False, "No: that is a dense layer."),
    }
    values = [float(why["data-answer"]) for why in quiz.select(".quiz-why")]
    assert values == [294, 49, 300, 56623104]
    assert quiz.select(".quiz-why math")
    assert quiz.select(".quiz-why em")


def test_number_has_the_digits_that_its_tolerance_requires(article):
    quiz = article.select_one("#quiz-phase")
    assert quiz["data-tolerance"] == "0.01"
    assert list(solutions(quiz)) == ["-1.57"]


def test_keyboard_of_a_phone_has_minus_and_point_if_needed(article):
    modes = {
        quiz["id"]: quiz.select_one("input")["inputmode"] for quiz in article.select(".quiz")[1:]
    }
    assert modes == {"quiz-weights": "decimal", "quiz-phase": "text", "quiz-rate": "text"}


def test_answers_are_folded_and_the_buttons_hidden_without_the_script(article):
    for quiz in article.select("form.quiz"):
        assert "hidden" in quiz.select_one(".quiz-controls").attrs
        assert not {"hidden", "open"} & quiz.details.attrs.keys()
        assert quiz.select_one("[role=status]").get_text() == ""
        assert quiz["method"] == "dialog", "the form would be sent"


def test_only_pages_with_a_quiz_load_its_files(book):
    html = book.folder / "_build/html"
    files = re.compile(r'="([^"]*quiz[^"]*\.(?:js|css))\b')
    chapter = files.findall((html / "book/chapter.html").read_text(encoding="utf-8"))
    assert chapter == ["../_static/quiz.js"]
    assert all((html / "book" / name).is_file() for name in chapter)
    assert files.findall((html / "book/index.html").read_text(encoding="utf-8")) == []


def test_script_is_small(root):
    script = (root / "book/_ext/seeing/authoring/quiz/quiz.js").read_bytes()
    assert len(gzip.compress(script)) <= 3000


def test_other_builders_show_question_choices_and_answers(book):
    changed = book.restored()
    changed.make(*TO_TEXT)
    text = (changed.folder / "_build/text/book/chapter.txt").read_text(encoding="utf-8")
    blocks = [" ".join(block.split()) for block in text.split("\n\n")]
    assert blocks[1].startswith("What does an *odd* kernel")
    assert blocks[2:6] == ["* a spot", "* an **edge** in x", '* "image[2:, : -2]"', "Answers"]
    assert '**Right:** six kernels of 7 \\times 7 for "one" *input* channel.' in blocks


def test_number_that_differs_from_the_package_fails_the_build(book):
    changed = book.restored()
    changed.write("convtools/__init__.py", PACKAGE.replace("kernel**2", "kernel"))
    code, printed = changed.build()
    assert code == 1
    assert "the text has 294, but 'convtools.conv_parameters(1, 6, 7, bias=False)' is 42" in printed


def test_number_without_text_follows_the_package(book):
    changed = book.restored()
    changed.write("convtools/__init__.py", PACKAGE.replace("kernel**2", "kernel"))
    changed.write("book/chapter.md", CHAPTER.replace("294 = ", ""))
    changed.make()
    assert next(iter(solutions(changed.page().select_one("#quiz-weights")))) == "42"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The warnings of a build about each fault, found by their lines."""
    quizzes = [
        "# A chapter\n\n:::{admonition} Before?\n:class: quiz\n"
        + CHOICES.replace("NAME", "quiz-twice")
    ]
    lines = {}
    for fault, (text, _) in FAULTS.items():
        lines[fault] = len("".join(quizzes).splitlines()) + 3
        quizzes.append(
            f":::\n\n:::{{admonition}} What?\n:class: quiz {'number' * (fault in NUMBER_FAULTS)}\n"
            + text.replace("NAME", fault.replace(" ", "-"))
        )
    book = quiz_book(tmp_path_factory.mktemp("faulty") / "book", "".join([*quizzes, ":::\n"]))
    code, printed = book.build()
    assert code != 0
    complaints = dict(re.findall(r"book/chapter\.md:(\d+): (?:WARNING|ERROR): (.*)", printed))
    return {fault: complaints.get(str(line), "") for fault, line in lines.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_a_warning_with_its_line(fault, faulty):
    assert FAULTS[fault][1] in faulty[fault]
