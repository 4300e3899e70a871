"""A published book shows its version and source, and builds are reproducible."""

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


def test_footer_shows_version_commit_and_source(published):
    footer = published.html("book/chapter").select_one(".extra_footer")
    assert f"Version {VERSION}, commit {published.commit[:7]}." in footer.get_text()
    url = "https://github.com/reader/book"
    assert [link["href"] for link in footer.select("a")] == [
        f"{url}/commit/{published.commit}",
        f"{url}/blob/{published.commit}/book/chapter.md",
    ]


def test_footer_shows_the_date_of_the_last_change(published):
    day = git(published.folder, "log", "-1", "--format=%cd", "--date=format:%d %B %Y")
    assert f"Last updated on {day}." in published.html("book/chapter").get_text()


def test_page_has_metadata_for_sharing(published):
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
    listed = {url.text for url in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert listed == {f"{URL}/book/index.html", f"{URL}/book/chapter.html"}


def test_root_redirects_to_the_first_page(published):
    root = published.html("index")
    assert root.title.get_text() == published.html("book/index").select_one(".logo__title").text
    assert root.select_one("link[rel=canonical]")["href"] == f"{URL}/book/index.html"
    assert root.select_one("a")["href"] == "book/index.html"


def test_card_does_not_have_the_logo_of_sphinx(published):
    """It would be in the lower right corner."""
    page = published.html("book/chapter")
    card = page.select_one("meta[property='og:image']")["content"].removeprefix(f"{URL}/")
    with Image.open(published.folder / "_build/html" / card) as image:
        width, height = image.size
        corner = image.convert("L").crop((width * 3 // 4, height * 4 // 5, width, height * 9 // 10))
    assert corner.getextrema()[0] > 240


def test_404_page_works_at_any_depth(published):
    page = published.html("404")
    urls = [tag.get("href") or tag.get("src") for tag in page.select("link[rel], script[src]")]
    relative = [url for url in urls if not url.startswith(("/my-book/", URL))]
    assert relative == []


def test_local_build_has_no_footer_sitemap_and_cards(tmp_path, monkeypatch):
    book = Book(tmp_path / "book")
    book.write("book/chapter.md", PROSE)
    commit(book.folder)
    build(book, monkeypatch, GITHUB_REPOSITORY="reader/book")
    assert not book.html("book/chapter").select(".extra_footer, .last-updated")
    assert not (book.folder / "_build/html/sitemap.xml").exists()
    assert not list(tmp_path.rglob("social_previews"))


def test_two_builds_of_one_commit_give_the_same_files(tmp_path, monkeypatch):
    """In two folders with names of different lengths."""
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


def test_path_of_the_packages_does_not_change_the_hash(extension, monkeypatch):
    """Two clones have different environments, but must give the same files."""
    edition = extension("delivery.edition")
    hashes = set()
    for path in ["/one/site-packages", "/another/site-packages"]:
        monkeypatch.setattr(edition, "PACKAGES", path)
        option = SimpleNamespace(name="templates_path", value=[f"{path}/theme", "book"])
        config = SimpleNamespace(filter=lambda kinds, option=option: [option])
        builder = SimpleNamespace(build_info=SimpleNamespace())
        edition.forget_packages(SimpleNamespace(builder=builder, config=config))
        hashes.add(builder.build_info.config_hash)
    assert len(hashes) == 1


def test_book_without_git_history_can_be_published(tmp_path, monkeypatch):
    """As from a ZIP file, with its URL in the configuration."""
    book = Book(tmp_path / "book")
    book.configure({"html_baseurl": URL})
    book.write("book/chapter.md", PROSE)
    build(book, monkeypatch)
    footer = book.html("book/chapter").select_one(".extra_footer")
    assert footer.get_text(strip=True) == f"Version {VERSION}."
    assert (book.folder / "_build/html/sitemap.xml").exists()
