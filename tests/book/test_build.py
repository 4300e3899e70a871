"""The build cannot lie: a fault fails it, each time, and what has changed is computed again.

A book of one small chapter is built with the real configuration and the real extensions.
"""

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from PIL import Image

TOC = {"format": "jb-book", "root": "book/index", "chapters": [{"file": "book/chapter"}]}
INDEX = "# A small book\n"
BIBLIOGRAPHY = "@misc{marr1982, author={David Marr}, title={Vision}, year={1982}}\n"
DRAWING = "<svg xmlns='http://www.w3.org/2000/svg' width='150pt' height='75pt'></svg>"
NOTEBOOK = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

"""
CHAPTER = f"""\
{NOTEBOOK}# A chapter

Prose, {{numref}}`drawing` and {{cite:t}}`marr1982`.

```{{code-cell}} python
---
mystnb:
  figure:
    name: drawing
    caption: A drawing.
  image:
    alt: An empty drawing
---
import convtools
from IPython.display import SVG
print(f"the value is {{convtools.VALUE}}", file=open("executions.log", "a"))
SVG("{DRAWING}")
```

```{{code-cell}} python
convtools.VALUE
```

```{{figure}} walk.gif
:name: walk
:alt: A square that turns white

A walk.
```

```{{bibliography}}
```
"""
FAULTS = {
    "a cell that warns": (
        "```{code-cell} python\nimport warnings\nwarnings.warn('beware')\n```\n",
        "stderr was found",
    ),
    "a broken cross-reference": (
        "First\nlines, and\n{ref}`nowhere`\n",
        "undefined label: 'nowhere'",
    ),
    "an unknown name": ("{py:func}`convtools.nothing`\n", "reference target not found"),
    "an undefined citation": ("{cite:t}`nobody`\n", 'could not find bibtex key "nobody"'),
    "a missing image": ("```{figure} no.png\n:alt: N\n\nA.\n```\n", "not readable: book/no"),
    "an image that cannot be read": ("![A](bad.png)\n", "image of unknown size: bad.png"),
    "a figure without alternative text": ("```{figure} walk.gif\nA.\n```\n", "without alternative"),
    "a figure without a caption": ("```{figure} walk.gif\n:alt: A\n```\n", "without a caption"),
    "a cell that raises": ("```{code-cell} python\n1 / 0\n```\n", "ZeroDivisionError"),
}


JUPYTER_BOOK = Path(sysconfig.get_path("scripts"), "jupyter-book")


class Book:
    """A small book in a folder of its own."""

    def __init__(self, folder, root):
        self.folder = folder
        parts = ["_ext", "_static", "_templates", "explorables"]
        for part in ["_config.yml", "requirements.txt", *(f"book/{part}" for part in parts)]:
            copy = shutil.copytree if (root / part).is_dir() else shutil.copy
            (folder / part).parent.mkdir(exist_ok=True)
            copy(root / part, folder / part)
        config = self.config()
        for setting in ["logo", "html_logo"]:  # a fork may have what these tests do not
            config.pop(setting, None)
        config["sphinx"].pop("extra_extensions", None)
        config["sphinx"]["config"] |= {"language": "en", "allowed_sources": {}}
        self.write("_config.yml", yaml.safe_dump(config, sort_keys=False))
        self.write("_toc.yml", yaml.safe_dump(TOC))
        self.write("book/index.md", INDEX)
        self.write("book/references.bib", BIBLIOGRAPHY)
        self.write("book/chapter.md", CHAPTER)
        self.write("convtools/__init__.py", "VALUE = 41\n")
        black, white = (Image.new("L", (80, 40), level) for level in (0, 255))
        black.save(folder / "book/walk.gif", save_all=True, append_images=[white])

    def config(self):
        return yaml.safe_load((self.folder / "_config.yml").read_text(encoding="utf-8"))

    def write(self, name, text):
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def build(self, *options, path="."):
        """Return the exit code and all that was said."""
        done = subprocess.run(
            [JUPYTER_BOOK, "build", path, *options],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def make(self, *options):
        """Build without a fault; return what was said."""
        code, said = self.build(*options)
        assert code == 0, said
        return said

    def html(self, name):
        """Return a page as it was built."""
        html = (self.folder / f"_build/html/{name}.html").read_bytes()
        return BeautifulSoup(html, "html.parser")

    def page(self):
        return self.html("book/chapter").article

    def executions(self):
        return len((self.folder / "book/executions.log").read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def built(tmp_path_factory, root):
    """A book that has been built once."""
    book = Book(tmp_path_factory.mktemp("book"), root)
    book.make()
    return book


@pytest.fixture
def book(built):
    """A book that has been built before, with its chapter as it was."""
    built.write("book/chapter.md", CHAPTER)
    return built


def test_second_build_executes_nothing(book):
    before = book.executions()
    book.make()
    assert book.executions() == before


def test_change_of_prose_executes_nothing(book):
    before = book.executions()
    book.write("book/chapter.md", CHAPTER.replace("Prose", "Better prose"))
    book.make()
    assert "Better prose" in book.page().get_text()
    assert book.executions() == before


def test_change_of_the_package_is_what_the_page_shows(book):
    book.write("convtools/__init__.py", "VALUE = 1234\n")
    book.make()
    assert "1234" in book.page().get_text()


@pytest.mark.parametrize("name", ["convtools/new.py", "requirements.txt"])
def test_change_of_what_cells_use_executes_the_chapter(name, book):
    before = book.executions()
    book.write(name, "# new\n")
    book.make()
    assert book.executions() == before + 1


def test_what_was_computed_before_is_found_again(book):
    book.write("convtools/__init__.py", "VALUE = 1\n")
    book.make()
    before = book.executions()
    for value in [2, 1]:
        book.write("convtools/__init__.py", f"VALUE = {value}\n")
        book.make()
    assert book.executions() == before + 1


def test_change_of_what_a_chapter_reads_or_imports_executes_it(book):
    named = CHAPTER.replace("jupytext:\n", "depends_on: [measured.csv, tables]\njupytext:\n", 1)
    named += "```{code-cell} python\nimport helpers\nopen('measured.csv').read()\n```\n"
    book.write("book/measured.csv", "before")
    book.write("book/helpers.py", "import numbers\n")
    book.write("book/chapter.md", named)
    code, said = book.build()
    assert code == 1
    assert "book/chapter.md:2: WARNING: depends_on: no file matches 'tables'" in said
    book.write("book/tables/rates.csv", "1")
    book.make()
    for name in ["measured.csv", "tables/rates.csv", "helpers.py"]:
        before = book.executions()
        book.write(f"book/{name}", "'after'")
        book.make()
        assert book.executions() == before + 1
    assert "'after'" in book.page().get_text()
    book.write("book/chapter.md", CHAPTER)
    book.make()
    before = book.executions()
    book.write("book/helpers.py", "'not imported'")
    book.make()
    assert book.executions() == before


@pytest.mark.parametrize("colour", ["red", "blue"])
def test_change_of_a_style_sheet_reaches_the_site_and_executes_nothing(colour, book):
    before = book.executions()
    book.write("book/_static/book.css", f"p {{ color: {colour} }}\n")
    if colour == "blue":  # a check of the links reads the pages, and writes none
        book.make("--builder", "linkcheck")
    book.make()
    sheet = (book.folder / "_build/html/_static/pages.css").read_text(encoding="utf-8")
    assert f"p{{color: {colour}}}" in sheet
    assert book.executions() == before


@pytest.fixture(scope="module")
def faulty(tmp_path_factory, root):
    """The lines of each fault in a chapter with all of them, and what two builds say of lines."""
    chapter, lines = CHAPTER, {}
    for fault, (text, _) in FAULTS.items():
        chapter += "\n"
        first = chapter.count("\n") + 1
        chapter += text
        lines[fault] = range(first, chapter.count("\n") + 1)
    book = Book(tmp_path_factory.mktemp("faulty"), root)
    book.write("book/chapter.md", chapter)
    book.write("book/bad.png", "no image")
    complaints = []
    for run in ["first", "second"]:
        code, said = book.build()
        assert code != 0, f"the {run} build passed"
        complaints.append(re.findall(r"book/chapter\.md:(\d+): (?:WARNING|ERROR): (.*)", said))
    return lines, complaints


@pytest.mark.parametrize("run", [0, 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_fails_each_build_and_says_where_and_why(fault, run, faulty):
    lines, complaints = faulty
    told = [int(line) for line, words in complaints[run] if FAULTS[fault][1] in words]
    assert set(told) & set(lines[fault])


def test_fault_within_a_paragraph_has_its_own_line(faulty):
    lines, complaints = faulty
    fault = "a broken cross-reference"
    [told] = {int(line) for line, words in complaints[0] if FAULTS[fault][1] in words}
    assert told == lines[fault][2]


def test_repaired_book_builds(book):
    book.write("book/chapter.md", f"{CHAPTER}\n{{ref}}`nowhere`\n")
    assert book.build()[0] != 0
    book.write("book/chapter.md", CHAPTER)
    book.make()


def test_size_of_a_drawing_is_its_own_in_css_pixels(book):
    drawing = book.page().select_one("#drawing img")
    assert (drawing["width"], drawing["height"]) == ("200", "100")


def test_only_images_after_the_first_load_lazily(book):
    first, *others = book.page().select("img")
    assert "loading" not in first.attrs
    assert {image["loading"] for image in others} == {"lazy"}


def test_animation_is_a_still_until_it_is_asked_for(book):
    still, moving = book.page().select("#walk img")
    assert moving.parent["class"] == ["motion"]
    assert "open" not in moving.parent.attrs
    assert {still["alt"], moving["alt"]} == {"A square that turns white"}
    assert (still["width"], still["height"]) == ("40", "20")

    images = book.folder / "_build/html/book"
    with Image.open(images / moving["src"]) as animation, Image.open(images / still["src"]) as last:
        assert animation.n_frames == 2
        assert last.convert("L").getextrema() == (255, 255)
