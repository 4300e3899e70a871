"""The content types that a teacher may use work, and warnings explain the fix."""

import json
import re
from types import SimpleNamespace

import pytest
from PIL import Image
from seeing.delivery import repairs

from helpers.book import Book
from helpers.books import TEACHER, teachers_book
from helpers.pages import rules, scripts


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A built book with a chapter that uses all content types, read-only."""
    book = teachers_book(tmp_path_factory.mktemp("teacher") / "book")
    book.make()
    return book.keep()


@pytest.fixture(scope="module")
def made(book):
    """The built chapter."""
    return book.page()


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (".sd-card-title", "One"),
        (".sd-tab-set .sd-tab-content", "python text"),
        ("details.sd-dropdown", "Inside the dropdown."),
        ("aside.margin", "In the margin."),
        ("details.fold.admonition.tip > summary", "Tip"),
        ("details.fold.admonition.tip#my-solution > summary", "Solution"),
        ("details.fold[open] > summary", "Shown"),
        ("details.fold:not(.admonition)", "A toggle."),
        ("form.quiz", "What is 2?"),
        ("p", "W1D5"),
        ("a[href='https://example.org/a-page']", "https://example.org/a-page"),
        (".footnote-reference", "[1]"),
        ("aside.footnote", "The footnote."),
        (".cell_output table.dataframe td", "1"),
        ("p", "The answer is 42 and 42."),
        ("#fig-frame td", "1"),
        ("strong", "text"),
        (".highlight", "x = 1\ny = 2\n"),
        ("iframe[src*='youtube.com']", ""),
    ],
)
def test_content_is_in_the_page(selector, text, made):
    assert any(text in tag.get_text() for tag in made.select(selector)), selector


def test_file_name_is_not_a_link(made):
    assert not made.select("a[href*='README.md']")


def test_checkboxes_of_tasks_have_a_name(made):
    labels = made.select("li.task label:has(> input[type=checkbox][disabled])")
    assert [" ".join(label.get_text().split()) for label in labels] == [
        "to do", "done well", "with code and a link",
    ]  # fmt: skip
    assert [label.input.has_attr("checked") for label in labels] == [False, True, False]


def test_choices_of_a_quiz_are_not_tasks(made):
    assert not made.select("form.quiz input[type=checkbox]")


def test_each_admonition_has_its_icon(book, made):
    css = (book.folder / "_build/html/_static/pages.css").read_text(encoding="utf-8")
    for kind in ["tip", "warning", "danger", "seealso", "important", "note"]:
        assert made.select(f".admonition.{kind}"), kind
        icon = rf"[.(]{kind}\b[^{{}}]*>\s*\.admonition-title::?after\s*{{\s*content"
        assert re.search(icon, css), kind


def test_empty_corner_of_a_table_is_not_a_heading(made):
    assert all(heading.get_text(strip=True) for heading in made.select("table.dataframe th"))


def test_image_has_the_requested_size(made):
    """The file has 80 × 40 pixels, which are drawn at double density."""
    images = made.select("img[alt^='A square']:not(details img)")
    assert [(image["width"], image["height"], image.get("style")) for image in images] == [
        ("120", "60", None),
        ("80", "40", None),
        ("40", "20", "width:50%"),
        ("40", "20", None),
    ]


def test_chapter_may_be_a_notebook(book):
    assert book.html("book/notebook").select_one(".cell_output").get_text(strip=True) == "42"


def test_page_loads_only_what_it_uses(book):
    assert "design-tabs.js" in scripts(book.html("book/chapter"))
    assert "design-tabs.js" not in scripts(book.html("book/notebook"))
    assert not {"togglebutton.js", "require.min.js"} & set(scripts(book.html("book/chapter")))


def test_import_of_another_host_comes_first(extension):
    imported = '@import url("https://fonts.example.org/a.css");'
    purge = extension("delivery.lean").purge
    assert purge(f"p{{color:red}}{imported}", set()).startswith("@import")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A book with faults, built, built as a draft, and built again."""
    book = Book(tmp_path_factory.mktemp("faulty") / "book")
    text = (TEACHER / "faults.md").read_text(encoding="utf-8")
    book.write("book/chapter.md", text)
    results = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, draft in [("first", ""), ("draft", "1"), ("again", "")]:
            patch.setenv("BOOK_DRAFT", draft)
            code, printed = book.build()
            listed = printed.split(" to fix:\n")[-1] if "to fix" in printed else ""
            results[name] = code, listed, printed
            if draft:
                results["page"] = book.html("book/chapter")
        patch.setenv("BOOK_DRAFT", "1")
        patch.setenv("BOOK_URL", "https://example.org")
        results["published"] = book.build()
    lines = text.splitlines()
    results["line"] = lambda words: next(i for i, line in enumerate(lines, 1) if words in line)
    return results


@pytest.mark.parametrize(
    ("at", "offset", "remedy"),
    [
        ("import matplotlib", 0, "mystnb: {image: {alt: What the image shows}}"),
        ("import warnings", 0, "“.*beware.*” → .* tags: [remove-stderr]"),
        ("first = 1", 0, "in its line 2: ZeroDivisionError: division by zero"),
        ("{figure} walk.gif", 0, "a line of text below its options"),
        ("![](walk.gif)", 0, "write ![What the image shows](walk.gif)"),
        ("{nosuchrole}", 0, "there is no role nosuchrole"),
        ("nowhere.md", 0, "write the name of a file"),
        ("{nosuchdirective}", 0, "there is no directive nosuchdirective"),
        ("import HTML, Java", 0, 'allowed_sources: {frame-src: "https://www.youtube.com"}'),
        ("As Altair", 0, "script-src: \"https://cdn.jsdelivr.net 'unsafe-eval'\""),
        (
            "As ipywidgets",
            0,
            "https://cdnjs.cloudflare.com https://cdn.jsdelivr.net 'unsafe-eval'",
        ),
        ("Plotly 7.1 writes", 0, 'script-src: "https://cdn.plot.ly"'),
        ("Plotly 7.1 gives", 0, 'plotly.io.renderers.default = "notebook_connected"'),
        ("![An image]", 0, 'allowed_sources: {img-src: "https://images.example.org"}'),
        ("<iframe", 0, 'allowed_sources: {frame-src: "https://frames.example.org"}'),
    ],
)
def test_fault_is_listed_with_its_line_and_fix(at, offset, remedy, faulty):
    code, listed, _ = faulty["first"]
    assert code == 1
    line = faulty["line"](at) + offset
    pattern = ".*".join(re.escape(part) for part in remedy.split(".*"))
    assert re.search(rf"^\d+\. book/chapter\.md:{line}: .*{pattern}", listed, re.MULTILINE), listed


def test_list_is_numbered_and_last(faulty):
    _, listed, printed = faulty["first"]
    numbers = re.findall(r"^(\d+)\. ", listed, re.MULTILINE)
    assert f"\n{len(numbers)} things to fix:\n" in printed
    assert numbers[-1] == str(len(numbers))
    assert printed.count("Traceback (most recent call last)") == 0
    assert listed.rstrip().splitlines()[-1].startswith("For all hosts: write in _config.yml")


def test_draft_is_built_and_marked(faulty):
    code, listed, printed = faulty["draft"]
    count = len(re.findall(r"^\d+\. ", listed, re.MULTILINE))
    assert code == 0, printed
    assert f"Draft, not for publication. Things to fix: {count}" in faulty["page"].get_text()
    assert "ZeroDivisionError" in faulty["page"].select_one(".traceback").get_text()
    assert faulty["page"].select_one("meta[name=robots]")["content"] == "noindex"


def test_draft_cannot_be_published(faulty):
    code, printed = faulty["published"]
    assert code != 0
    assert printed.rstrip().splitlines()[-1].startswith("1. a draft cannot be published")


def test_build_after_a_draft_fails_again(faulty):
    assert faulty["again"][:2] == faulty["first"][:2]


def test_single_page_cannot_be_built(book):
    code, printed = book.restored().build(path="book/chapter.md")
    assert code != 0
    assert printed.rstrip().splitlines()[-1].startswith("1. a single page cannot be built")


def test_allowed_sources_are_in_the_policy(extension):
    policy = extension("delivery.policy")

    class Config:
        feedback_endpoint = ""
        allowed_sources: dict = {  # noqa: RUF012
            "script-src": "https://cdn.jsdelivr.net 'unsafe-eval'", "style-src": "'unsafe-inline'",
            "object-src": "'self'",
        }  # fmt: skip

    html = "<style>a{}</style><script>go()</script><b onclick='go(\"a\")'></b>"
    meta = policy.META.format(policy.policy(html, Config))
    allowed = rules(meta)
    assert allowed["style-src"] == ["'self'", "'unsafe-inline'"]  # no hash, which would undo it
    assert {"https://cdn.jsdelivr.net", "'unsafe-eval'"} <= set(allowed["script-src"])
    assert len([source for source in allowed["script-src"] if "sha256" in source]) == 2


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<img src='//a.org/x.png'>", [("img-src", "https://a.org")]),
        ("<img srcset='https://a.org/x.png 2x, y.png'>", [("img-src", "https://a.org"),
                                                          ("img-src", "'self'")]),
        ("<video><source src='https://a.org/v'></video>", [("media-src", "https://a.org")]),
        ("<script type='module'>import x from 'https://a.org/x'</script>",
         [("script-src", "https://a.org")]),
        ("<script>fetch('https://a.org/x')</script>", [("connect-src", "https://a.org")]),
        ("<style>@import 'https://a.org/x.css'; p{background:url(https://b.org/x)}</style>",
         [("style-src", "https://a.org"), ("img-src", "https://b.org")]),
        ("<style>@font-face{src:url(https://a.org/f)} p{background:url(https://b.org/x)}</style>",
         [("font-src", "https://a.org"), ("img-src", "https://b.org")]),
        ("<p style='background:url(https://b.org/x)'>", [("img-src", "https://b.org")]),
        ("<iframe srcdoc='&lt;img src=https://a.org/x>'></iframe>",
         [("img-src", "https://a.org")]),
        ("<embed src='x.pdf'>", [("object-src", "'self'")]),
        ("<a href='https://a.org'>x</a><pre>&lt;img src='https://a.org'></pre>", []),
    ],
)  # fmt: skip
def test_loads_of_html(html, found, extension):
    loads = extension("delivery.loads")
    assert [(name, loads.source_of(url)) for name, url in loads.loads(html)] == found


def test_sources_may_be_a_list(extension):
    policy = extension("delivery.policy")
    hosts = ["https://a.example.org", "https://b.example.org"]
    config = SimpleNamespace(feedback_endpoint="", allowed_sources={"frame-src": hosts})
    assert policy.base_rules(config)["frame-src"].split()[-2:] == hosts
    line = policy.allowed_line(config, {"frame-src": ["https://c.example.org"]})
    assert line.endswith('"https://a.example.org https://b.example.org https://c.example.org"}')


def test_notebook_is_downloaded_with_a_first_cell_and_without_outputs(book):
    path = book.folder / "_build/html/_sources/book/notebook.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert "The cells need the book's package" in "".join(cells[0]["source"])
    assert not any(cell.get("outputs") for cell in cells)


def test_location_in_a_notebook_has_the_cell(extension):
    position = extension("truth.plain").position
    assert position("/b/book/n.ipynb:30002", "/b") == "book/n.ipynb, cell 3, line 2"
    assert position("/b/book/n.md:7", "/b") == "book/n.md:7"
    assert position("", "/b") == ""


@pytest.fixture(scope="module")
def spanish(book):
    """A book in another language and style, built again after a chapter was renamed."""
    book = book.restored()
    Image.new("RGB", (120, 60)).save(book.folder / "book/logo.png")
    book.write("book/_static/own.css", ".nowhere { color: red }\nem { color: #123 }\n")
    book.write("book/_static/own.js", "document.documentElement.dataset.own = 'yes';\n")

    config = book.config()["sphinx"]
    config["extra_extensions"] = ["sphinx_togglebutton", "sphinx.ext.todo"]
    config["config"] |= {
        "language": "es",
        "html_css_files": [*config["config"]["html_css_files"], "own.css"],
        "html_js_files": [["own.js", {"data-a": "1"}]],
        "extensions": [*config["config"]["extensions"], "sphinx_design"],
    }
    book.configure(title="Otro libro", logo="book/logo.png", sphinx=config)
    book.make()
    (book.folder / "book/margin.md").rename(book.folder / "book/other.md")
    book.write("_toc.yml", (book.folder / "_toc.yml").read_text("utf-8").replace("margin", "other"))
    book.printed = book.make()
    return book.keep("spanish")


def test_other_language_has_translations(spanish):
    page = spanish.html("book/chapter")
    assert page.select_one("form.quiz button").get_text() == "Comprobar"
    words = json.loads(page.select_one("script#book-words").string)
    assert words["Choose an answer first."] == "Elige primero una respuesta."
    assert not spanish.html("book/notebook").select("script#book-words")


def test_other_language_needs_no_eval(spanish):
    static = spanish.folder / "_build/html/_static"
    assert "new Function" not in (static / "doctools.js").read_text("utf-8")
    assert '"plural_expr":(n)=>' in (static / "translations.js").read_text("utf-8")


def test_every_string_of_the_code_is_in_the_catalogues(root):
    locales = root / "book/_ext/seeing/delivery/locales"
    catalogue = (locales / "es/LC_MESSAGES/book.po").read_text("utf-8")
    sources = [*root.glob("book/_ext/**/*.py"), *root.glob("book/**/*.js")]
    found = {
        word
        for path in sources
        for word in re.findall(r'\b_\(\s*"([^"]+)"', path.read_text("utf-8"))
    }
    assert found
    known = re.sub(r'"\n"', "", catalogue)
    assert {word for word in found if f'msgid "{word}"' not in known} == set(), "make words"


def test_title_and_logo_have_one_setting_each(spanish):
    page = spanish.html("book/chapter")
    assert page.title.get_text().endswith("Otro libro")
    logo = page.select_one("img.logo__image")
    assert (logo["width"], logo["height"]) == ("120", "60")
    root = (spanish.folder / "_build/html/index.html").read_text("utf-8")
    assert "<title>Otro libro</title>" in root
    assert 'href="book/index.html"' in root


def test_own_style_and_script_are_loaded(spanish):
    css = (spanish.folder / "_build/html/_static/pages.css").read_text("utf-8")
    assert "em{color:#123}" in css
    assert "own.js" in scripts(spanish.html("book/chapter"))


def test_extra_extensions_are_added(spanish):
    assert "togglebutton.js" in scripts(spanish.html("book/chapter"))


def test_page_of_a_renamed_chapter_is_removed(spanish):
    assert (spanish.folder / "_build/html/book/other.html").exists()
    assert not (spanish.folder / "_build/html/book/margin.html").exists()
    assert not (spanish.folder / "_build/html/_sources/book/margin.md").exists()


def test_rebuild_does_not_report_overwritten_files(spanish):
    assert "will overwrite data" not in spanish.printed


@pytest.mark.parametrize(
    "row", [*repairs.PAGES, repairs.LOGO, *repairs.SCRIPTS], ids=lambda row: row.where
)
def test_repair_that_matches_nothing_is_a_warning(row, spanish, monkeypatch):
    """All faults in this book are already repaired, as if upstream had fixed them."""
    warnings = []
    logger = SimpleNamespace(warning=lambda text, fault: warnings.append(fault))
    monkeypatch.setattr(repairs, "logger", logger)
    out = spanish.folder / "_build/html"
    pages = {path: path.read_text("utf-8") for path in out.glob("book/*.html")}
    repairs.repair(SimpleNamespace(outdir=out, fresh=set(pages)), pages)
    assert row.fault in warnings
