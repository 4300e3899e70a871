"""Small books with quizzes, feedback forms or a teacher's chapter, for several test files."""

import json

import pytest
import yaml

from helpers.book import TOC, Book
from helpers.toc import ROOT

PACKAGE = """\
def conv_parameters(c_in, c_out, kernel, *, bias=True):
    return c_out * (c_in * kernel**2 + bias)
"""
QUIZZES = r"""# A chapter

:::{admonition} What does an *odd* kernel, $g(-x) = -g(x)$, such as `[[-1, 0, 1]]`, respond to?
:class: quiz dropdown
:name: quiz-odd
- [ ] a spot: it covers both halves equally, and they *cancel*.
- [x] an **edge** in $x$: the two halves receive $f(x) \neq f(-x)$.
- [ ] `image[2:, : -2]`:
  that is not a stimulus.

  It is only a part of an image.
:::

:::{admonition} How many weights does the layer have?
:class: quiz number dropdown
:name: quiz-weights
The image has 48 × 64 pixels.

- [x] 294 = `convtools.conv_parameters(1, 6, 7, bias=False)`:
  six kernels of $7 \times 7$ for `one` *input* channel.
- [ ] 49: one kernel has as many; there are six.
- [ ] `convtools.conv_parameters(1, 6, 7)`: that counts the biases as well.
- [ ] 56,623,104: that is a *dense* layer.
:::

:::{admonition} How far apart, in radians, are the phases of a quadrature pair?
:class: quiz number dropdown
:name: quiz-phase
:tolerance: 0.01
- [x] −1.571 = `-math.pi / 2`: a quarter of a cycle: $\pi / 2$.
:::

:::{admonition} How many radians per second is 250 Hz?
:class: quiz number dropdown
:name: quiz-rate
:tolerance: 1
- [x] 1570.796 = `math.tau * 250`: 250 cycles.
- [ ] `math.tau / 4`: that is the answer for a quarter of a cycle.
- [ ] −40: a frequency is not negative here.
:::
"""

SECTION = "W1D5_T2_2D_Convolutions_Video"
SERVICE = {
    "feedback_endpoint": "https://datatops.example.org/",
    "feedback_name": "my course",
    "feedback_user_key": 'k"&y',
}
TEACHER = ROOT / "tests/book/teacher"
VIDEO = {"frame-src": "https://www.youtube.com"}
TEACHERS_NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A notebook\n\n$x$"},
        {"cell_type": "code", "id": "b", "metadata": {}, "source": "6 * 7",
         "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
         "execution_count": None},
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip
IN_THE_MARGIN = "# No sections\n\n:::{margin}\nA note.\n:::\nText.\n"


def teachers_book(folder):
    """Return a book with a chapter that uses all content types that a teacher may need."""
    book = Book(folder)
    for path in TEACHER.glob("[cp]*"):
        book.write(f"book/{path.name}", path.read_text(encoding="utf-8"))
    book.write("book/notebook.ipynb", json.dumps(TEACHERS_NOTEBOOK))
    book.write("book/margin.md", IN_THE_MARGIN)
    pages = ["book/chapter", "book/notebook", "book/margin"]
    book.write("_toc.yml", yaml.safe_dump(TOC | {"chapters": [{"file": page} for page in pages]}))
    book.configure({"allowed_sources": VIDEO})
    return book


def quiz_book(folder, chapter=QUIZZES):
    book = Book(folder)
    book.write("convtools/__init__.py", PACKAGE)
    book.write("book/chapter.md", chapter)
    return book


def feedback_book(folder, url="", **service):
    """Return a built book with a feedback form."""
    book = Book(folder)
    book.configure(dict.fromkeys(SERVICE, "") | service, repository={"url": url})
    book.write(
        "book/chapter.md",
        f"# A chapter\n\nProse.\n\n:::{{div}}\n:class: feedback\n:name: {SECTION}\n:::\n",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GITHUB_REPOSITORY", raising=False)
        book.make()
    return book
