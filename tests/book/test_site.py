"""Every page of the built book is complete: executed, illustrated, numbered and linked."""

import ast
import re
from functools import cache
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils import new_document
from fontTools.ttLib import TTFont
from myst_nb.core import render
from nbformat.v4 import new_output

from helpers import toc
from helpers.sources import CELL, OPTIONS


def test_page_is_built(page, pages):
    assert page in pages, "there is no such page: run `make html`"
    assert pages[page].select_one("article h1")


def test_page_is_described(page, pages):
    [description] = pages[page].select("meta[name=description]")
    assert 40 <= len(description["content"]) <= 160
    others = [pages[other].select_one("meta[name=description]") for other in set(pages) - {page}]
    assert description not in others


def test_search_is_described(site):
    search = BeautifulSoup((site / "search.html").read_bytes(), "html.parser")
    title = yaml.safe_load((toc.ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]
    assert search.select_one("meta[name=description]")["content"] == f"Search: {title}"


def test_no_page_links_to_an_index(page, pages):
    """It would list little more than the functions, and be too wide for a phone."""
    assert not pages[page].select("[href*=genindex]")


def test_every_cell_shows_its_output(chapter, pages, sources):
    """A cell that prints, draws a figure or ends in an expression has an output on the page."""
    shown = pages[chapter].select("div.cell:has(.cell_input)")
    cells = CELL.findall(sources[chapter])
    assert len(shown) == len(cells)
    without_output = [
        code
        for (_, code), cell in zip(cells, shown, strict=True)
        if has_output(code) and not shows_output(cell)
    ]
    assert without_output == []


def shows_output(cell):
    """Return whether a cell, or the folded answer below it, has an output."""
    answer = cell.find_next_sibling("details", class_="reveal")
    return cell.select(".cell_output") or (answer and answer.select(".cell_output"))


def has_output(cell):
    if "%config" in cell:  # the set-up
        return False
    code = OPTIONS.sub("", cell)
    ends_in_expression = isinstance(ast.parse(code).body[-1], ast.Expr)
    return "figure:" in cell or "print(" in code or ends_in_expression


def test_no_cell_shows_an_error(page, pages):
    assert not pages[page].select(".cell_output .traceback, .cell_output .stderr")


def test_no_output_is_empty(page, pages):
    outputs = pages[page].select(".cell_output")
    assert not [out for out in outputs if not out.get_text(strip=True) and not out.find("img")]


def test_images_have_alternative_text(page, pages):
    file_name = re.compile(r"\.(svg|png|gif|jpe?g|webp)$|[0-9a-f]{16}|^\s*$", re.IGNORECASE)
    alts = [image.get("alt", "") for image in pages[page].select("img")]
    assert not [alt for alt in alts if file_name.search(alt)]


def test_images_have_a_size(page, pages):
    images = pages[page].select("img")
    assert all(image.get(name, "").isdigit() for image in images for name in ("width", "height"))


def test_figures_have_a_caption_and_a_number(page, pages):
    for figure in pages[page].select("figure"):
        assert figure.select_one("figcaption .caption-number"), figure
        assert figure.select_one("figcaption .caption-text").get_text(strip=True), figure


def test_numbers_of_figures_and_equations_include_the_chapter(chapter, pages):
    page = pages[chapter]
    own = page.select_one("article h1 .section-number").get_text(strip=True)
    numbers = [number.get_text() for number in page.select("figure .caption-number, .eqno")]
    assert [n for n in numbers if not re.search(rf"\b{re.escape(own)}\d", n)] == []


def test_page_has_all_formulas(page, pages, sources):
    prose = CELL.sub("", sources[page])
    blocks = re.findall(r"^\$\$\n.*?^\$\$", prose, re.MULTILINE | re.DOTALL)
    for block in blocks:
        prose = prose.replace(block, "")
    inline = re.findall(r"\$[^$]+\$", prose)
    assert len(pages[page].select("div.math > math")) == len(blocks)
    assert len(pages[page].select("span.math > math")) >= len(inline)


def test_math_font_has_all_characters_of_the_formulas(pages, site):
    leaves = [leaf for html in pages.values() for leaf in html.select("math :not(:has(*))")]
    shown = set(filter(str.isprintable, "".join(leaf.text for leaf in leaves)))
    shown -= {" ", "\ufe00", "\ufe01"}  # the last two select a variant of a letter
    font = TTFont(site / "_static" / "math.woff")
    assert shown
    assert shown - set(map(chr, font.getBestCmap())) == set()
    assert font["MATH"].table.MathVariants.VertGlyphConstruction


def test_variables_are_italic_and_roots_drawn(extension):
    characters = extension("delivery.mathml").characters
    html = "<p>q</p><math><msqrt><mi>x</mi><mi>h</mi><mi>ϕ</mi><mo>&lt;</mo></msqrt></math>"
    assert set(map(chr, characters([html]))) == set("√x𝑥hℎϕ𝜙<")
    assert characters(["<p>q</p>"]) == set()


def test_lines_do_not_break_before_a_comma_or_within_a_product(page, pages):
    article = pages[page].article
    for formula in article.select("span.math"):
        if formula.parent.get("class") != ["together"]:
            assert not str(formula.next_sibling).startswith((",", ".", ";", ":", "!", "?", ")"))
    prose = [
        text for text in article.find_all(string=True) if not text.find_parent(["pre", "code"])
    ]
    assert [text for text in prose if re.search(r"\d × \d", text)] == []


def test_each_formula_is_joined_with_its_own_comma(extension):
    document = new_document("")
    document += nodes.paragraph()
    names = [nodes.emphasis("", "x"), nodes.math("", "a"), nodes.emphasis("", "y")]
    document[0] += [names[0], nodes.Text(", "), names[1], nodes.Text(", "), names[2]]
    extension("delivery.typography").KeepTogether(document).run()
    assert document.astext() == "x, a, y"
    assert names[1].parent.astext() == "a,"


def test_printed_output_in_pieces_is_joined(extension, monkeypatch):
    monkeypatch.setattr(render, "coalesce_streams", render.coalesce_streams)
    extension("truth.streams").setup(None)
    pieces = ["one", "\ntwo\n", "three", "\n"]
    shown = render.coalesce_streams([new_output("stream", text=piece) for piece in pieces])
    assert [output["text"] for output in shown] == ["one\ntwo\nthree\n"]


def test_labelled_equations_are_numbered(page, pages, sources):
    labels = re.findall(r"^\$\$ \(([\w-]+)\)$|^:label: ([\w-]+)$", sources[page], re.MULTILINE)
    numbered = {block["id"] for block in pages[page].select("div.math[id]:has(.eqno)")}
    assert numbered == {f"equation-{a or b}" for a, b in labels}


def test_links_have_a_target(page, pages, site):
    @cache
    def anchors(path):
        parsed = BeautifulSoup(path.read_bytes(), "html.parser")
        return {tag["id"] for tag in parsed.select("[id]")}

    here = (site / f"{page}.html").resolve()
    dead = []
    for tag in pages[page].select("[href], [src]"):
        url, anchor = urldefrag(tag.get("href") or tag.get("src") or "")
        if urlsplit(url).scheme or url.startswith("//"):
            continue
        target = (here.parent / unquote(urlsplit(url).path)).resolve() if url else here
        if not target.is_file() or (anchor and unquote(anchor) not in anchors(target)):
            dead.append(f"{url}#{anchor}")
    assert dead == []


@pytest.mark.skipif(not toc.complete, reason="a missing chapter may use it")
def test_every_glossary_term_is_used(pages):
    terms = {term["id"] for term in pages["book/glossary"].select("dt[id^=term-]")}
    uses = [use for page in pages.values() for use in page.select('a[href*="glossary.html#term-"]')]
    assert terms
    assert terms - {urldefrag(use["href"]).fragment for use in uses} == set()


def test_api_names_are_linked(chapter, pages):
    """A chapter that mentions a name of convtools links it to the reference at least once."""
    entries = pages["book/api"].select("dl.py.function > dt, dl.py.class > dt")
    documented = {entry["id"].split(".")[-1] for entry in entries}
    mentions = pages[chapter].select("article code")
    mentioned = {name(code) for code in mentions} & documented
    linked = {name(code) for code in mentions if "api.html#" in (code.parent.get("href") or "")}
    assert mentioned - linked == set()


def name(code):
    return code.get_text().removesuffix("()").split(".")[-1]


@pytest.mark.parametrize("button", ["repository", "issues", "edit"])
def test_source_buttons_have_a_host(button, page, pages):
    buttons = pages[page].select(f".btn-source-{button}-button")
    assert all(urlsplit(link.get("href", "")).netloc for link in buttons)
