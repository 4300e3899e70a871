"""The chapters' sources have the form that CONTRIBUTING.md describes."""

import re
from collections import defaultdict
from importlib.metadata import version
from statistics import median

import pytest
import yaml

from helpers import toc
from helpers.minutes import minutes
from helpers.sources import CELL, OPTIONS, cells

LONGEST, MEDIAN = 20, 6
GOALS = re.compile(
    r"^(:{3,})\{admonition\} In this chapter you will\n:class: tip\n(.*?)^\1$",
    re.MULTILINE | re.DOTALL,
)
KNOWN = re.compile(r"^## What you know now\n(.*)", re.MULTILINE | re.DOTALL)
TIME = re.compile(r"\*\*Time:\*\*\s+(\d+)\s+minutes\s+to\s+read,\s+(\d+)\s+for\s+the\s+exercises\.")
DISCUSS = re.compile(r"^:class: discuss\n:name: (discuss-\S+)$", re.MULTILINE)


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
    """A page has room for 79 characters of code; folded code may scroll."""
    shown = [code for _, code in CELL.findall(sources[page]) if "hide-input" not in code]
    lines = [line for code in shown for line in OPTIONS.sub("", code).splitlines()]
    assert [line for line in lines if len(line) > 79] == []


def test_notebooks_have_a_kernel(page, sources):
    if not cells(sources[page]):
        return
    header = yaml.safe_load(sources[page].split("---\n")[1])
    assert header["jupytext"]["text_representation"]["format_name"] == "myst"
    assert header["kernelspec"]["name"] == "python3"


def test_chapter_opens_with_a_figure_or_question_then_its_goals(chapter, sources):
    goals = GOALS.search(sources[chapter])
    assert goals, "no admonition 'In this chapter you will' of class tip"
    opening = sources[chapter][: goals.start()].split("\n# ", 1)[1]
    assert "figure:" in opening or "?" in opening
    assert not re.search(r"^## ", opening, re.MULTILINE)
    assert items(goals[2])
    assert "**Needs:**" in goals[2]


def test_chapter_and_tables_show_the_same_minutes(chapter, sources):
    stated = TIME.search(sources[chapter])
    assert stated, "no '**Time:** N minutes to read, M for the exercises.'"
    assert tuple(map(int, stated.groups())) == minutes(sources[chapter])
    row = rf"\({chapter.split('/')[1]}\.md\) \|(?:[^|]*\|)? (\d+) \| (\d+) \|"
    for page in ("book/index", "book/teach"):
        assert re.search(row, sources[page]).groups() == stated.groups(), page


@pytest.mark.skipif(not toc.complete, reason="a chapter is missing")
def test_first_page_shows_the_hours_of_the_book(sources):
    totals = zip(*(minutes(sources[chapter]) for chapter in toc.chapters), strict=True)
    reading, doing = (round(sum(total) / 60) for total in totals)
    stated = f"about {reading} hours to read, and the exercises another {doing}"
    assert stated in " ".join(sources["book/index"].split())


def test_chapter_ends_with_a_summary_and_a_question(chapter, sources):
    known = KNOWN.search(sources[chapter])
    assert known, "no section 'What you know now'"
    assert not re.search(r"^## ", known[1], re.MULTILINE), "another section follows the last one"
    assert len(items(known[1])) == 3
    *_, last = known[1].strip().split("\n\n")
    assert last.startswith("**Next:**")
    assert "?" in last
    assert re.search(r"\]\([\w-]+\.md\)", last)


def test_chapter_has_questions_to_discuss_with_notes_for_teachers(chapter, sources):
    names = DISCUSS.findall(sources[chapter])
    assert len(names) >= 2
    assert [name for name in names if f"(#{name})" not in sources["book/teach"]] == []


def test_chapter_has_cells(chapter, sources):
    assert cells(sources[chapter])


def test_code_that_contains_an_answer_is_folded_in_jupyterlab_too(chapter, sources):
    folded = [cell for _, cell in CELL.findall(sources[chapter]) if "hide-cell" in cell]
    assert [cell for cell in folded if "source_hidden: true" not in cell] == []


def test_text_refers_to_each_figure_by_its_number(chapter, sources):
    names = re.findall(r"^    name: (fig-\S+)$", sources[chapter], re.MULTILINE)
    assert [name for name in names if f"{{numref}}`{name}`" not in sources[chapter]] == []


def test_cells_leave_drawing_to_convtools(chapter, sources):
    """Only in the chapters, because the corrections in the appendix show matplotlib itself."""
    code = [line for cell in cells(sources[chapter]) for line in cell]
    assert [line for line in code if re.search(r"\bmatplotlib\b|\bplt\.", line)] == []


def test_no_cell_is_copied(sources):
    """No cell of four lines or more, without imports, is in the book twice."""
    pages = defaultdict(list)
    for page, source in sources.items():
        for cell in cells(source):
            code = [line for line in cell if not re.match(r"import |from ", line)]
            if len(code) >= 4:
                pages["\n".join(code)].append(page)
    assert {code: found for code, found in pages.items() if len(found) > 1} == {}


def test_citation_is_the_same_everywhere(root, sources):
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version("seeing-with-convolutions")
    [author] = citation["authors"]
    cited = sources["book/index"].split("## How to cite it")[1].split("## ")[0]
    for text in [citation["title"], author["name"], f"Version {citation['version']}"]:
        assert text in cited


def test_benchmark_changes_what_the_chapter_contains(root, sources):
    code = (root / "benchmarks/build.py").read_text(encoding="utf-8")
    phrases = re.findall(r'lengthen\("(.*)"\)', code)
    assert len(phrases) == 2
    assert [phrase for phrase in phrases if phrase not in sources["book/convolution"]] == []
