"""An explorable takes the figure above it, and is a figure with words before any script runs."""

import base64
import gzip

import numpy as np
import pytest
from bs4 import BeautifulSoup
from test_build import CHAPTER, Book

import convtools

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
WORDS = "Without a script this is a *picture*.\n"
EXPLORABLE = f":::{{div}}\n:class: explorable\n:name: stepper\n{WORDS}:::\n"
PLAYABLE = f"{CHAPTER}\nSee {{numref}}`a-step`.\n\n{FIGURE}\n{EXPLORABLE}"
FAULTS = {
    "no figure above": (f"{CHAPTER}\nProse.\n\n{EXPLORABLE}", "no figure above the explorable"),
    "no such script": (PLAYABLE.replace(": stepper", ": lab"), "in book/explorables, got 'lab'"),
    "the core": (PLAYABLE.replace(": stepper", ": core"), "in book/explorables, got 'core'"),
    "no name": (PLAYABLE.replace(":name: stepper\n", ""), "in book/explorables, got ''"),
    "no words": (PLAYABLE.replace(WORDS, ""), "Content block expected"),
    "no such class": (
        PLAYABLE.replace(": explorable", ": explorabel"),
        "did you mean explorable?",
    ),
}
SHARED = ["core.js", "dom.js", "fields.js", "grid.js", "chart.js", "mount.js"]
LARGEST = {"stepper.js": 9000, "filter-lab.js": 10_000, "cell-lab.js": 9000}  # bytes, gzipped
LARGEST_OF_ALL = 32_000


@pytest.fixture(scope="module")
def book(tmp_path_factory, root):
    book = Book(tmp_path_factory.mktemp("explorable"), root)
    book.write("book/chapter.md", PLAYABLE)
    book.make()
    return book


def test_picture_number_and_words_are_there_without_a_script(book):
    page = book.page()
    [place] = page.select(".explorable#stepper")
    assert place.figure.img["alt"] == "A step"
    assert "Fig. 3 A step of many." in place.figcaption.get_text()
    assert place.em.get_text() == "picture"
    assert "See Fig. 3." in page.get_text()


def test_both_ways_to_write_it_give_the_same(book):
    place = book.page().select_one(".explorable")
    short = EXPLORABLE.replace("{div}\n:class: explorable", "{explorable}")
    book.write("book/chapter.md", PLAYABLE.replace(EXPLORABLE, short))
    book.make()
    assert book.page().select_one(".explorable") == place


def test_only_pages_with_an_explorable_load_its_files_and_once(book):
    def loaded(name):
        html = (book.folder / f"_build/html/book/{name}.html").read_bytes()
        tags = BeautifulSoup(html, "html.parser").select("script[src]")
        files = [tag["src"].split("?")[0].split("/")[-1] for tag in tags]
        ours = {path.name for path in (book.folder / "book/explorables").iterdir()}
        return [file for file in files if file in ours]

    assert loaded("chapter") == [*SHARED, "stepper.js"]
    assert loaded("index") == []


def test_scripts_do_not_hold_up_the_page(book):
    html = (book.folder / "_build/html/book/chapter.html").read_bytes()
    [script] = BeautifulSoup(html, "html.parser").select("script[src*='stepper.js']")
    assert "defer" in script.attrs


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_fails_the_build(fault, book):
    text, complaint = FAULTS[fault]
    book.write("book/chapter.md", text)
    code, said = book.build()
    assert code != 0
    assert complaint in said


def test_photograph_comes_with_the_page(pages):
    [place] = pages["book/pytorch-layers"].select(".explorable#filter-lab")
    levels = np.frombuffer(base64.b64decode(place["data-photograph"]), "uint8")
    seen = levels.reshape(128, 128) / 255 - 0.5
    assert np.abs(seen - convtools.natural_image(128).numpy()).max() <= 1 / 510 + 1e-6


def test_explorables_are_where_their_chapters_are(pages):
    places = {page: [place["id"] for place in pages[page].select(".explorable")] for page in pages}
    expected = {
        "book/convolution": ["stepper"],
        "book/pytorch-layers": ["filter-lab"],
        "book/complex-cells": ["cell-lab"],
    }
    assert {page: ids for page, ids in places.items() if ids} == {
        page: ids for page, ids in expected.items() if page in pages
    }


def test_scripts_are_small_as_they_are_sent(root, site):
    names = {path.name for path in (root / "book/explorables").glob("*.js")}
    assert names == {*SHARED, *LARGEST}
    sizes = {name: len(gzip.compress((site / "_static" / name).read_bytes(), 9)) for name in names}
    assert sum(sizes.values()) <= LARGEST_OF_ALL
    assert [name for name, largest in LARGEST.items() if sizes[name] > largest] == []
