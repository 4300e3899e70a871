"""A page loads one style sheet with the rules in use, and only the scripts that it needs."""

import base64
import gzip
import io
import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from fontTools.ttLib import TTFont

from helpers.book import CHAPTER

USED = {"a", "b", "c", "made-"}
RULES = {
    ".a{color:red}": ".a{color:red}",
    ".x{color:red}": "",
    "#b{color:red}": "#b{color:red}",
    "#x{color:red}": "",
    ".made-up{color:red}": ".made-up{color:red}",
    ".made{color:red}": "",
    ".a .x{color:red}": "",
    ".x,.a:hover , .b.c{color:red}": ".x,.a:hover,.b.c{color:red}",
    ".a:not(.x){color:red}": ".a:not(.x){color:red}",
    ":is(.x,.a) p{color:red}": ":is(.x,.a) p{color:red}",
    "html[data-theme=dark] .x::before{color:red}": "",
    "/* of old */ .a/* now */{color:red}": ".a{color:red}",
    "@media print{.a{color:red}.x{color:red}}": "@media print{.a{color:red}}",
    "@media print{.x{color:red}}": "",
    "@keyframes turn{to{color:red}}": "@keyframes turn{to{color:red}}",
    '@charset "utf-8";': "",
    "p{color:red}": "p{color:red}",
}
STYLES = 35_000  # bytes of the style sheet, gzipped
CODE = 250_000  # bytes of scripts, styles and fonts of a page, gzipped
PAGE = 450_000  # bytes of a page with all files that it loads, gzipped


@pytest.fixture
def lean(extension):
    return extension("delivery.lean")


def versions(book):
    pages = [book.html(name) for name in ["book/index", "book/chapter", "search"]]
    return {
        link["href"].split("/")[-1] for page in pages for link in page.select("[rel=stylesheet]")
    }


@pytest.mark.parametrize("rule", RULES)
def test_unused_rules_are_removed(rule, lean):
    assert lean.purge(rule, USED) == RULES[rule]


def test_all_pages_share_one_sheet(small):
    assert len(versions(small)) == 1


def test_scripts_are_deferred(small):
    scripts = small.html("book/chapter").select("script[src]")
    assert scripts
    assert [script["src"] for script in scripts if "defer" not in script.attrs] == []


def test_scripts_have_no_comments(small, root):
    sent = (small.folder / "_build/html/_static/doctools.js").read_text(encoding="utf-8")
    assert "const" in sent
    assert not re.search(r"^\s*(//|/\*[^!]| {4})", sent, re.MULTILINE)


def test_our_rules_in_use_are_kept(site, root):
    """Whether the class is in a page, or in a script that may add it to one."""
    head, css = (site / "_static/pages.css").read_text(encoding="utf-8").split("\n", 1)
    ours = root.glob("book/**/*.css")
    joined = [path for path in ours if path.name in head]  # feedback.css needs a service
    assert len(joined) >= 2
    rules = "".join(path.read_text(encoding="utf-8") for path in joined)
    rules = re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL)
    names = set(re.findall(r"\.([a-z][\w-]*)(?=[^{}]*\{)", rules))
    html = "".join(path.read_text("utf-8") for path in site.rglob("*.html"))
    code = "".join(path.read_text("utf-8") for path in root.glob("book/*/**/*.js"))
    used = set(re.findall(r"[a-z][\w-]*", "".join(re.findall(r'class="[^"]*"', html)) + code))
    lost = {name for name in names & used if f".{name}" not in css}
    assert not lost, f"used rules of our style sheets that were removed: {sorted(lost)}"


@pytest.mark.parametrize(
    ("script", "nested"),
    [
        ("`a ${b.map((c) => ` at ${c}`)}`", True),
        ("`${l.map(({ a }) => ` at ${a}`)}`", True),
        ("`a ${b} c` + `${d}`", False),
        ("`{${f({ a })}} ` + `b`", False),
    ],
)
def test_nested_template_is_found(script, nested, lean):
    """A script with one is not minified."""
    assert lean.has_nested_template(script) is nested


class Script:
    """A script file as Sphinx represents it."""

    def __init__(self, filename, priority=500, **attributes):
        self.filename, self.priority, self.attributes = filename, priority, attributes


OURS = Script("a.js", **{"data-a": "1"})
WIDGET = Script("https://cdn.example.org/_static/w.js")


@pytest.mark.parametrize(
    ("body", "scripts", "deferred"),
    [
        ("<p>Text.</p>", [OURS], ["a.js"]),
        ("<script>go()</script>", [OURS], []),  # may need one of ours
        ('<script type="application/json">{}</script>', [OURS], ["a.js"]),
        ('<script src="https://cdn.example.org/w.js"></script>', [OURS], []),
        ("", [OURS, WIDGET], []),  # the widget later in the page needs it
        ("", [OURS, Script(None, body="go()")], []),
        ("", [OURS, Script(None, body="DOCUMENTATION_OPTIONS.pagename = 'a';")], ["a.js"]),
    ],
)
def test_scripts_are_deferred_unless_another_script_may_need_them(body, scripts, deferred, lean):
    context = {"body": body, "css_files": [], "script_files": [*scripts]}
    app = SimpleNamespace(config=SimpleNamespace(html_theme_options={}))
    lean.choose_files(app, "page", "page.html", context, "a chapter")
    files = context["script_files"]
    assert [file.filename for file in files if "defer" in file.attributes] == deferred
    assert files[0].attributes["data-a"] == "1"


def test_urls_of_an_imported_sheet_are_adapted(tmp_path, lean):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.css").write_text(
        'p{background:url(tick.svg)}q{background:url("data:,x")}', encoding="utf-8"
    )
    (tmp_path / "a.css").write_text('@import "sub/a.css";', encoding="utf-8")
    expected = 'p{background:url(sub/tick.svg)}q{background:url("data:,x")}'
    assert lean.read(tmp_path / "a.css", tmp_path) == expected


def test_icons_need_no_script(small):
    assert not small.html("book/chapter").select("script[src*=fontawesome]")


def test_only_the_search_page_loads_the_search_scripts(small):
    select = "script[src*=searchindex], script[src*=searchtools], script[src*=language_data]"
    assert len(small.html("search").select(select)) == 3
    assert small.html("book/chapter").select(select) == []


def test_second_build_changes_nothing(rebuilt):
    def files():
        html = rebuilt.folder / "_build/html"
        return {path: path.read_bytes() for path in html.rglob("*") if path.is_file()}

    before = files()
    rebuilt.make()
    assert files() == before


def test_deleted_sheet_is_written_again(rebuilt):
    sheet = rebuilt.folder / "_build/html/_static/pages.css"
    before = sheet.read_bytes()
    sheet.unlink()
    rebuilt.make()
    assert sheet.read_bytes() == before


def test_new_class_in_one_page_updates_all_pages(rebuilt):
    before = versions(rebuilt)
    rebuilt.write("book/_static/book.css", ".unheard-of { color: red }\n")
    rebuilt.write("book/chapter.md", f"{CHAPTER}\n```{{note}}\n:class: unheard-of\nA note.\n```\n")
    rebuilt.make()
    after = versions(rebuilt)
    assert len(after) == 1
    assert after != before
    sheet = rebuilt.folder / "_build/html/_static/pages.css"
    assert ".unheard-of{color:red}" in sheet.read_text(encoding="utf-8")


def test_every_icon_has_its_glyph(site, pages):
    css = (site / "_static/pages.css").read_text(encoding="utf-8")
    characters = set()
    for data in re.findall(r"base64,(d09G[\w+/=]+)", css):
        characters |= TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap().keys()
    icons = {
        name
        for html in pages.values()
        for tag in html.select("i[class*=fa-], span[class*=fa-]")
        for name in tag["class"]
        if re.match(r"fa-(?!solid|regular|brands|lg)", name)
    }
    assert len(icons) > 5
    for icon in icons:
        [shown] = re.findall(rf'\.{icon}:before[^{{]*\{{content:"(.)"\}}', css)
        assert ord(shown) in characters, icon


def test_pages_are_small(page, pages, site):
    """All files that a page loads, compressed, including lazy images."""
    html = pages[page]
    tags = html.select("script[src], link[rel=stylesheet], link[rel~=icon], img[src]")
    files = {urlsplit(tag.get("src") or tag["href"]).path for tag in tags}
    folder = (site / page).parent
    sizes = {file: len(gzip.compress((folder / file).read_bytes(), 9)) for file in files}
    text = len(gzip.compress((site / f"{page}.html").read_bytes(), 9))
    assert sum(size for file, size in sizes.items() if file.endswith((".css", ".js"))) <= CODE
    assert sum(sizes.values()) + text <= PAGE
    assert sum(size for file, size in sizes.items() if file.endswith(".css")) <= STYLES
