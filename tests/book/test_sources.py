"""The chapters' sources keep the form that makes them short to read and possible to check."""

import re
from collections import defaultdict
from importlib.metadata import version
from statistics import median

import yaml

from helpers.sources import CELL, OPTIONS, cells

LONGEST, MEDIAN = 20, 6
GOALS = re.compile(
    r"^(:{3,})\{admonition\} In this chapter you will\n:class: tip\n(.*?)^\1$",
    re.MULTILINE | re.DOTALL,
)
DONE = re.compile(r"^## What you can do now\n(.*)", re.MULTILINE | re.DOTALL)


def items(text):
    """Return the items of the lists in a text, each on one line."""
    found = re.findall(r"^- (.*?)(?=^\S|^\s*$|\Z)", text, re.MULTILINE | re.DOTALL)
    return [" ".join(item.split()) for item in found]


def test_cells_are_short(sources):
    lengths = [len(cell) for source in sources.values() for cell in cells(source)]
    assert lengths
    assert max(lengths) <= LONGEST, f"the longest cell has {max(lengths)} lines, not {LONGEST}"
    assert median(lengths) <= MEDIAN, f"the median cell has {median(lengths)} lines, not {MEDIAN}"


def test_code_fits_the_page(page, sources):
    """A page is as wide as 79 characters of code; code that is folded away may scroll."""
    shown = [code for _, code in CELL.findall(sources[page]) if "hide-input" not in code]
    lines = [line for code in shown for line in OPTIONS.sub("", code).splitlines()]
    assert [line for line in lines if len(line) > 79] == []


def test_notebooks_name_their_kernel(page, sources):
    if not cells(sources[page]):
        return
    header = yaml.safe_load(sources[page].split("---\n")[1])
    assert header["jupytext"]["text_representation"]["format_name"] == "myst"
    assert header["kernelspec"]["name"] == "python3"


def test_chapter_opens_with_its_goals_and_minutes(chapter, sources):
    goals = GOALS.search(sources[chapter])
    assert goals, "no admonition 'In this chapter you will' of class tip"
    assert re.search(r"^## ", sources[chapter], re.MULTILINE).start() > goals.start()
    assert items(goals[2])
    assert "**Needs:**" in goals[2]
    minutes = re.search(r"\*\*Time:\*\* (\d+)\s+minutes", goals[2])
    promised = re.search(rf"\({chapter.split('/')[1]}\.md\) \|.*\| (\d+) \|", sources["book/index"])
    assert promised, "the table of the first page has no row for this chapter"
    assert minutes[1] == promised[1]


def test_chapter_closes_with_its_goals_as_done(chapter, sources):
    done = DONE.search(sources[chapter])
    assert done, "no section 'What you can do now'"
    assert not re.search(r"^## ", done[1], re.MULTILINE), "another section follows the last one"
    assert items(done[1]) == items(GOALS.search(sources[chapter])[2])


def test_chapter_has_cells(chapter, sources):
    assert cells(sources[chapter])


def test_cells_leave_drawing_to_convtools(chapter, sources):
    """In the appendix, the corrections show what matplotlib itself does."""
    code = [line for cell in cells(sources[chapter]) for line in cell]
    assert [line for line in code if re.search(r"\bmatplotlib\b|\bplt\.", line)] == []


def test_no_cell_is_copied(sources):
    """A cell of four lines or more, imports aside, stands in the book once."""
    places = defaultdict(list)
    for page, source in sources.items():
        for cell in cells(source):
            code = [line for line in cell if not re.match(r"import |from ", line)]
            if len(code) >= 4:
                places["\n".join(code)].append(page)
    assert {code: where for code, where in places.items() if len(where) > 1} == {}


def test_book_is_cited_alike_everywhere(root, sources):
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version("seeing-with-convolutions")
    [author] = citation["authors"]
    cited = sources["book/index"].split("## How to cite it")[1].split("## ")[0]
    for text in [citation["title"], author["name"], f"Version {citation['version']}"]:
        assert text in cited
