"""An explorable takes over the figure above it, and is a figure with text without JavaScript."""

import base64
import gzip
import re

import numpy as np
import pytest

import convtools
from helpers.book import CHAPTER, Book
from helpers.pages import scripts

FIGURE = """\
```{code-cell} python
---
mystnb:
  figure:
    name: a-step
    caption: A step of many.
  image:
    alt: A step
---
from IPython.display import SVG
SVG("<svg xmlns='http://www.w3.org/2000/svg' width='150pt' height='75pt'></svg>")
```
"""
WORDS = "Without a script this is an *image*.\n"
EXPLORABLE = f":::{{div}}\n:class: explorable\n:name: stepper\n{WORDS}:::\n"
INTERACTIVE = f"{CHAPTER}\nSee {{numref}}`a-step`.\n\n{FIGURE}\n{EXPLORABLE}"
DRAWN = "```{figure} walk.gif\n:name: NAME\n:alt: A square\n\nA figure.\n```\n\n"
FAULTS = {  # each below a figure, except the first
    "no figure above": (f"Prose.\n\n{EXPLORABLE}", "no figure above the explorable"),
    "no such script": (EXPLORABLE.replace(": stepper", ": lab"), "explorables, got 'lab'"),
    "the core": (EXPLORABLE.replace(": stepper", ": core"), "explorables, got 'core'"),
    "no name": (EXPLORABLE.replace(":name: stepper\n", ""), "in book/explorables, got ''"),
    "no words": (EXPLORABLE.replace(WORDS, ""), "Content block expected"),
    "no such class": (
        EXPLORABLE.replace(": explorable", ": explorabel"),
        "did you mean explorable?",
    ),
}
SHARED = ["core.js", "dom.js", "fields.js", "grid.js", "chart.js", "mount.js"]
JOINED = "explorables.js"
LARGEST = {  # bytes, gzipped
    "stepper.js": 9000, "filter-lab.js": 10_000, "cell-lab.js": 9000, "rebuild.js": 2000,
}  # fmt: skip
LARGEST_OF_ALL = 32_000


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A built book with an explorable, read-only."""
    book = Book(tmp_path_factory.mktemp("explorable") / "book")
    book.write("book/chapter.md", INTERACTIVE)
    book.make()
    return book.keep()


def test_image_number_and_text_are_shown_without_a_script(book):
    page = book.page()
    [explorable] = page.select(".explorable#stepper")
    assert explorable.figure.img["alt"] == "A step"
    assert "Fig. 3 A step of many." in explorable.figcaption.get_text()
    assert explorable.em.get_text() == "image"
    assert "See Fig. 3." in page.get_text()


def test_both_forms_of_the_directive_give_the_same(book):
    changed = book.restored()
    short = EXPLORABLE.replace("{div}\n:class: explorable", "{explorable}")
    changed.write("book/chapter.md", INTERACTIVE.replace(EXPLORABLE, short))
    changed.make()
    explorable = book.page().select_one(".explorable")
    assert changed.page().select_one(".explorable") == explorable


def test_only_pages_with_an_explorable_load_its_files(book):
    ours = {path.name for path in (book.folder / "book/explorables").iterdir()} | {JOINED}
    for name, files in {"chapter": [JOINED, "stepper.js"], "index": []}.items():
        loaded = scripts(book.html(f"book/{name}"))
        assert [file for file in loaded if file in ours] == files


def test_scripts_are_deferred(book):
    [script] = book.html("book/chapter").select("script[src*='stepper.js']")
    assert "defer" in script.attrs


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """The warnings of a build about each fault, all of which are in one chapter."""
    chapter, lines = "# A chapter\n", {}
    for fault, (text, _) in FAULTS.items():
        figure = "" if fault == "no figure above" else DRAWN.replace("NAME", fault)
        first = chapter.count("\n") + 1
        chapter += f"\n{figure}{text}"
        lines[fault] = range(first, chapter.count("\n") + 1)
    book = Book(tmp_path_factory.mktemp("faulty") / "book")
    book.write("book/chapter.md", chapter)
    code, printed = book.build()
    assert code != 0
    found = re.findall(r"book/chapter\.md:(\d+): (?:WARNING|ERROR): (.*)", printed)
    return {
        fault: "".join(message for line, message in found if int(line) in lines[fault])
        for fault in FAULTS
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_reported_with_its_line(fault, reported):
    assert FAULTS[fault][1] in reported[fault]


def test_page_contains_the_photograph(pages):
    [explorable] = pages["book/pytorch-layers"].select(".explorable#filter-lab")
    levels = np.frombuffer(base64.b64decode(explorable["data-numbers"]), "uint8")
    photograph = levels.reshape(128, 128) / 255 - 0.5
    assert np.abs(photograph - convtools.natural_image(128).numpy()).max() <= 1 / 510 + 1e-6


def test_explorables_are_in_their_chapters(pages):
    found = {page: [one["id"] for one in pages[page].select(".explorable")] for page in pages}
    expected = {
        "book/convolution": ["stepper-small"],
        "book/pytorch-layers": ["filter-lab"],
        "book/complex-cells": ["cell-lab"],
        "book/natural-images": ["rebuild"],
        "book/why-cnns": ["stepper"],
    }
    assert {page: ids for page, ids in found.items() if ids} == {
        page: ids for page, ids in expected.items() if page in pages
    }


def test_compressed_scripts_are_small(root, site):
    names = {path.name for path in (root / "book/explorables").glob("*.js")}
    assert names - {*SHARED} == {*LARGEST}
    assert not [name for name in SHARED if (site / "_static" / name).exists()]
    served = {name: (site / "_static" / name).read_bytes() for name in [JOINED, *LARGEST]}
    sizes = {name: len(gzip.compress(script, 9)) for name, script in served.items()}
    assert sum(sizes.values()) <= LARGEST_OF_ALL
    assert [name for name, largest in LARGEST.items() if sizes[name] > largest] == []
