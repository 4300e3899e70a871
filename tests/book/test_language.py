"""Pages, code and interactive figures use the terms of the field."""

import ast
import re
from copy import copy

import pytest

from helpers.language import private_words
from helpers.sources import CELL, OPTIONS

QUESTIONS = ".quiz, .predict, .exercise, .discuss, .solution"
ALLOWED = {  # page: words that are right there, with the reason
    "book/glossary": ["A nerve cell"],  # explains the other word
    "book/references": [".*"],  # titles of others
    "book/next": ["Olshausen"],  # and Field
    "book/natural-images": ["Field, 1987", "Olshausen"],
    "book/teach": ["answer", "stands in front of a class"],  # of students
    "book/index": ["open the answer", "to answer them"],  # of a prediction, of questions
    "book/corrections": ["the tutorial answers"],
    "book/run": ["its answers"],  # of a quiz
}
PRIVATE = """\
The answers of all the cells, each in its place.
Channel 0 answers to every edge.
One unit sees a patch of 6 pixels.
It compares upright with slanted bars.
The kernel comes out turned by 180°.
How large is the field of a unit?
Parallel bars in a picture.
Two filters that are equally strong.
The figure says which.
The bar that lies on its centre.
A cell that does not care.
It is silent for half of the cycle.
Bars that are 8 pixels apart.
Brighter than what is around.
How many rows has the output?
Multiply each of them with the weight.
To see it, one needs a grating.
Here is the address of the page.
""".splitlines()
OF_THE_FIELD = """\
The response of a unit depends on the position of the bar.
The receptive fields of neighbouring units overlap in the visual field.
The field uses both words for both.
The grating is rotated by 180°, and the kernel is flipped.
W stands for the weights. The experiment takes place in the dark.
Multiply each by its weight. Sine takes the place of cosine.
""".splitlines()


@pytest.mark.parametrize("sentence", PRIVATE)
def test_private_word_is_found(sentence):
    assert private_words(sentence)


@pytest.mark.parametrize("sentence", OF_THE_FIELD)
def test_word_of_the_field_is_not(sentence):
    assert private_words(sentence) == []


def allowed(page, found):
    return any(re.search(words, found) for words in ALLOWED.get(page, []))


def test_prose_and_alternative_texts(page, pages):
    article = pages[page].article
    shown = [image["alt"] for image in article.select("img[alt]")]
    article = copy(article)
    for asked in article.select(QUESTIONS):
        shown += [
            re.sub(r"\banswer\w*", "", " ".join(asked.get_text(" ").split()), flags=re.IGNORECASE)
        ]
        asked.extract()
    for code in article.select("pre, code, .highlight, .cell_output .output"):
        code.extract()
    shown.append(" ".join(article.get_text(" ").split()))
    found = [words for text in shown for words in private_words(text)]
    assert [words for words in found if not allowed(page, words)] == []


def test_names_and_labels_in_cells(page, sources):
    """Names in code, and labels of axes."""
    code = [OPTIONS.sub("", cell) for _, cell in CELL.findall(sources[page])]
    texts = [re.sub(r"(?<=[a-z])_(?=[a-z])", " ", text) for text in code]
    assert [
        words for text in texts for words in private_words(text) if not allowed(page, words)
    ] == []


def literals(code):
    """Return the string literals of Python code, including docstrings."""
    return [
        node.value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_the_package(root):
    files = sorted((root / "convtools").rglob("*.py"))
    assert files
    found = {
        file.name: words
        for file in files
        for text in literals(file.read_text(encoding="utf-8"))
        for words in private_words(text)
        if "exercises" not in file.parts or "answer" not in words.casefold()
    }
    assert found == {}


def test_interactive_figures(root):
    """Their strings and comments; a field may also be one of a form."""
    files = sorted((root / "book/explorables").glob("*.js"))
    assert files
    part = re.compile(r'"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|//[^\n]*')
    found = {
        file.name: words
        for file in files
        for text in part.findall(file.read_text(encoding="utf-8"))
        if " " in text
        for words in private_words(re.sub(r"\$\{[^}]*\}", "", text))
        if not (text.startswith("//") and "write receptive field" in words)
    }
    assert found == {}
