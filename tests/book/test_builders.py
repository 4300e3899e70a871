"""Builders other than HTML succeed; interactive content is omitted or shown as text."""

import pytest

from helpers.book import CHAPTER, Book

ASKED = """\

:::{div}
:class: explorable
:name: stepper
Without JavaScript this is a drawing.
:::

:::{admonition} How many?
:class: quiz dropdown
:name: quiz-many
- [x] one: it is one.
- [ ] two: it is one.
:::

$$ a^2 + b^2 = c^2 $$ (pythagoras)

:::{div}
:class: feedback
:name: section
:::
"""
DRAWING, REST = CHAPTER.split("```{code-cell} python\nconvtools.VALUE")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("builders") / "book")
    book.write("book/chapter.md", f"{DRAWING}{ASKED}{REST.split('```', 1)[1]}")
    book.make()
    return book


@pytest.mark.parametrize(
    ("builder", "options", "file"),
    [
        ("dirhtml", ["--builder", "dirhtml"], "book/chapter/index.html"),
        ("singlehtml", ["--builder", "singlehtml"], "book/index.html"),
        ("text", ["--builder", "custom", "--custom-builder", "text"], "book/chapter.txt"),
        ("latex", ["--builder", "latex"], "*.tex"),
    ],
)
def test_builder_succeeds_and_writes_the_chapter(builder, options, file, book):
    book.make(*options)
    [written] = (book.folder / "_build" / builder).glob(file)
    text = written.read_text(encoding="utf-8")
    for part in ["A drawing.", "How many?", "it is one"]:
        assert part in text
