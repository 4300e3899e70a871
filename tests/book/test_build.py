"""A fault fails every build until it is fixed, and changed code and data are recomputed."""

import re

import pytest
from PIL import Image

from helpers.book import CHAPTER, Book

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


def test_second_build_executes_nothing(rebuilt):
    rebuilt.make()
    assert rebuilt.executions() == 1


def test_change_of_prose_executes_nothing(rebuilt):
    rebuilt.write("book/chapter.md", CHAPTER.replace("Prose", "Better prose"))
    rebuilt.make()
    assert "Better prose" in rebuilt.page().get_text()
    assert rebuilt.executions() == 1


def test_page_shows_a_change_of_the_package(rebuilt):
    rebuilt.write("convtools/__init__.py", "VALUE = 1234\n")
    rebuilt.make()
    assert "1234" in rebuilt.page().get_text()


@pytest.mark.parametrize("name", ["convtools/new.py", "requirements.txt"])
def test_change_of_code_or_packages_executes_the_chapter(name, rebuilt):
    rebuilt.write(name, "# new\n")
    rebuilt.make()
    assert rebuilt.executions() == 2


def test_earlier_outputs_are_reused(rebuilt):
    for value in [2, 41]:
        rebuilt.write("convtools/__init__.py", f"VALUE = {value}\n")
        rebuilt.make()
    assert rebuilt.executions() == 2


def test_change_of_data_or_modules_of_a_chapter_executes_it(rebuilt):
    text = CHAPTER.replace("jupytext:\n", "depends_on: [measured.csv, tables]\njupytext:\n", 1)
    cell = "```{code-cell} python\nimport helpers\nopen('measured.csv').read()\n```\n"
    rebuilt.write("book/chapter.md", text + cell)
    files = ["measured.csv", "tables/rates.csv", "helpers.py"]
    for name in files:
        rebuilt.write(f"book/{name}", "'before'")
    rebuilt.make()
    for name in files:
        before = rebuilt.executions()
        rebuilt.write(f"book/{name}", "'after'")
        rebuilt.make()
        assert rebuilt.executions() == before + 1
    assert "'after'" in rebuilt.page().get_text()


def test_module_that_no_cell_imports_executes_nothing(rebuilt):
    rebuilt.write("book/helpers.py", "'not imported'")
    rebuilt.make()
    assert rebuilt.executions() == 1


@pytest.mark.parametrize("first", [[], ["--builder", "linkcheck"]], ids=["", "after linkcheck"])
def test_change_of_a_style_sheet_updates_the_site_and_executes_nothing(first, rebuilt):
    """Also after a link check, which reads the pages but does not write them."""
    rebuilt.write("book/_static/book.css", "p { color: red }\n")
    if first:
        rebuilt.make(*first)
    rebuilt.make()
    sheet = (rebuilt.folder / "_build/html/_static/pages.css").read_text(encoding="utf-8")
    assert "p{color:red}" in sheet
    assert rebuilt.executions() == 1


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The lines of each fault in a chapter with all faults, and the warnings of two builds."""
    chapter = CHAPTER.replace("jupytext:\n", "depends_on: [tables]\njupytext:\n", 1)
    lines = {}
    for fault, (text, _) in FAULTS.items():
        chapter += "\n"
        first = chapter.count("\n") + 1
        chapter += text
        lines[fault] = range(first, chapter.count("\n") + 1)
    book = Book(tmp_path_factory.mktemp("faulty") / "book")
    book.write("book/chapter.md", chapter)
    book.write("book/bad.png", "no image")
    complaints = []
    for run in ["first", "second"]:
        code, printed = book.build()
        assert code != 0, f"the {run} build passed"
        complaints.append(re.findall(r"book/chapter\.md:(\d+): (?:WARNING|ERROR): (.*)", printed))
    return lines, complaints


@pytest.mark.parametrize("run", [0, 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_fails_each_build_and_is_reported_with_its_line(fault, run, faulty):
    lines, complaints = faulty
    reported = [int(line) for line, message in complaints[run] if FAULTS[fault][1] in message]
    assert set(reported) & set(lines[fault])


def test_fault_within_a_paragraph_has_its_own_line(faulty):
    lines, complaints = faulty
    fault = "a broken cross-reference"
    [reported] = {int(line) for line, message in complaints[0] if FAULTS[fault][1] in message}
    assert reported == lines[fault][2]


def test_name_of_a_missing_file_is_reported_with_its_line(faulty):
    _, complaints = faulty
    assert ("2", "depends_on: no file matches 'tables'") in {
        (line, message.split(" in the folder")[0]) for line, message in complaints[0]
    }


def test_fault_fails_the_command(rebuilt):
    rebuilt.write("book/chapter.md", f"{CHAPTER}\n{{ref}}`nowhere`\n")
    with rebuilt.start() as process:
        printed, _ = process.communicate()
    assert process.returncode != 0, printed


def test_fixed_book_builds(rebuilt):
    rebuilt.write("book/chapter.md", f"{CHAPTER}\n{{ref}}`nowhere`\n")
    assert rebuilt.build()[0] != 0
    rebuilt.write("book/chapter.md", CHAPTER)
    rebuilt.make()


def test_size_of_a_drawing_is_in_css_pixels(small):
    drawing = small.page().select_one("#drawing img")
    assert (drawing["width"], drawing["height"]) == ("200", "100")


def test_only_images_after_the_first_load_lazily(small):
    first, *others = small.page().select("img")
    assert "loading" not in first.attrs
    assert {image["loading"] for image in others} == {"lazy"}


def test_animation_is_a_still_until_the_reader_clicks(small):
    still, moving = small.page().select("#walk img")
    assert moving.parent["class"] == ["motion"]
    assert "open" not in moving.parent.attrs
    assert {still["alt"], moving["alt"]} == {"A square that turns white"}
    assert (still["width"], still["height"]) == ("40", "20")

    images = small.folder / "_build/html/book"
    with Image.open(images / moving["src"]) as animation, Image.open(images / still["src"]) as last:
        assert animation.n_frames == 2
        assert last.convert("L").getextrema() == (255, 255)
