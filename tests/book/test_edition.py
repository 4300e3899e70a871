"""A published book says what it is made from, and two builds of one commit are the same."""

from importlib.metadata import version
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from PIL import Image

from helpers.book import NOTEBOOK, Book
from helpers.git import commit, git

URL = "https://reader.example.org/my-book"
VERSION = version("seeing-with-convolutions")
DRAWN = f"""\
{NOTEBOOK}# A small book

```{{code-cell}} python
---
mystnb:
  figure:
    name: a-line
    caption: A line.
  image:
    alt: A line
---
import matplotlib.pyplot as plt
%config InlineBackend.figure_formats = ["svg"]
plt.rcParams["svg.hashsalt"] = "salt"
plt.plot([0, 1]);
```
"""
PROSE = "# A chapter\n\nProse.\n"


def build(book, monkeypatch, **environment):
    for name in ["BOOK_URL", "GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "SOURCE_DATE_EPOCH"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    book.make()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("published") / "book")
    book.write("book/chapter.md", PROSE)
    book.commit = commit(book.folder)
    with pytest.MonkeyPatch.context() as patch:
        build(book, patch, BOOK_URL=URL, GITHUB_REPOSITORY="reader/book")
    return book


def test_footer_names_version_commit_and_source(published):
    footer = published.html("book/chapter").select_one(".extra_footer")
    assert f"Version {VERSION}, commit {published.commit[:7]}." in footer.get_text()
    url = "https://github.com/reader/book"
    assert [link["href"] for link in footer.select("a")] == [
        f"{url}/commit/{published.commit}",
        f"{url}/blob/{published.commit}/book/chapter.md",
    ]


def test_footer_names_the_day_of_the_last_change(published):
    day = git(published.folder, "log", "-1", "--format=%cd", "--date=format:%d %B %Y")
    assert f"Last updated on {day}." in published.html("book/chapter").get_text()


def test_page_can_be_shared(published):
    page = published.html("book/chapter")
    shared = {tag["property"]: tag["content"] for tag in page.select("meta[property^='og:']")}
    assert shared["og:title"] == "A chapter"
    assert shared["og:url"] == f"{URL}/book/chapter.html"
    assert shared["og:site_name"] == page.select_one(".logo__title").get_text(strip=True)
    assert page.select_one("meta[name=description]")["content"].startswith("Prose.")
    card = shared["og:image"].removeprefix(f"{URL}/")
    assert (published.folder / "_build/html" / card).is_file()


def test_sitemap_lists_the_pages(published):
    tree = ElementTree.parse(published.folder / "_build/html/sitemap.xml")
    listed = {place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert listed == {f"{URL}/book/index.html", f"{URL}/book/chapter.html"}


def test_root_leads_to_the_first_page_and_says_so(published):
    root = published.html("index")
    assert root.title.get_text() == published.html("book/index").select_one(".logo__title").text
    assert root.select_one("link[rel=canonical]")["href"] == f"{URL}/book/index.html"
    assert root.select_one("a")["href"] == "book/index.html"


def test_card_has_no_picture_of_somebody_else(published):
    """Sphinx's eye would be in the lower right corner."""
    page = published.html("book/chapter")
    card = page.select_one("meta[property='og:image']")["content"].removeprefix(f"{URL}/")
    with Image.open(published.folder / "_build/html" / card) as image:
        width, height = image.size
        corner = image.convert("L").crop((width * 3 // 4, height * 4 // 5, width, height * 9 // 10))
    assert corner.getextrema()[0] > 240


def test_page_for_what_is_not_found_works_at_any_depth(published):
    page = published.html("404")
    urls = [tag.get("href") or tag.get("src") for tag in page.select("link[rel], script[src]")]
    relative = [url for url in urls if not url.startswith(("/my-book/", URL))]
    assert relative == []


def test_unpublished_book_has_none_of_these(tmp_path, monkeypatch):
    book = Book(tmp_path / "book")
    book.write("book/chapter.md", PROSE)
    commit(book.folder)
    build(book, monkeypatch, GITHUB_REPOSITORY="reader/book")
    assert not book.html("book/chapter").select(".extra_footer, .last-updated")
    assert not (book.folder / "_build/html/sitemap.xml").exists()
    assert not list(tmp_path.rglob("social_previews"))


def test_two_builds_of_one_commit_give_the_same_files(tmp_path, monkeypatch):
    """In two folders, the name of one longer than that of the other."""
    for name in ["GIT_COMMITTER_DATE", "GIT_AUTHOR_DATE"]:
        monkeypatch.setenv(name, "2026-01-02T03:04:05Z")
    results = []
    for name in ["one", "another-one"]:
        book = Book(tmp_path / name)
        book.write("book/index.md", DRAWN)
        book.write("book/chapter.md", PROSE)
        commit(book.folder)
        build(book, monkeypatch, BOOK_URL=URL)
        html = book.folder / "_build/html"
        files = {p.relative_to(html): p.read_bytes() for p in html.rglob("*") if p.is_file()}
        assert any(b"2026-01-02" in content for content in files.values())
        assert not any(str(book.folder).encode() in content for content in files.values())
        results.append(files)
    one, another = results
    assert one.keys() == another.keys()
    assert [str(path) for path in one if one[path] != another[path]] == []


def test_place_of_the_packages_is_forgotten(extension, monkeypatch):
    """Two clones have an environment each, and the same files."""
    edition = extension("delivery.edition")
    hashes = set()
    for place in ["/one/site-packages", "/another/site-packages"]:
        monkeypatch.setattr(edition, "PACKAGES", place)
        option = SimpleNamespace(name="templates_path", value=[f"{place}/theme", "book"])
        config = SimpleNamespace(filter=lambda kinds, option=option: [option])
        builder = SimpleNamespace(build_info=SimpleNamespace())
        edition.forget_packages(SimpleNamespace(builder=builder, config=config))
        hashes.add(builder.build_info.config_hash)
    assert len(hashes) == 1


def test_book_without_a_history_is_published_too(tmp_path, monkeypatch):
    """A ZIP file, with its URL in the configuration."""
    book = Book(tmp_path / "book")
    book.configure({"html_baseurl": URL})
    book.write("book/chapter.md", PROSE)
    build(book, monkeypatch)
    footer = book.html("book/chapter").select_one(".extra_footer")
    assert footer.get_text(strip=True) == f"Version {VERSION}."
    assert (book.folder / "_build/html/sitemap.xml").exists()
