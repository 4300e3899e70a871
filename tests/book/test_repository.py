"""The buttons lead only to the repository that the book is built from."""

from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from helpers.book import Book
from helpers.git import checkout, git

PAGES = ["book/index", "book/chapter"]
REMOTES = {
    "https://github.com/reader/book": "https://github.com/reader/book",
    "https://github.com/reader/book.git": "https://github.com/reader/book",
    "https://github.com/reader/my.book/": "https://github.com/reader/my.book",
    "https://reader:secret@github.com/reader/book.git": "https://github.com/reader/book",
    "git@github.com:reader/book.git": "https://github.com/reader/book",
    "github.com:reader/book": "https://github.com/reader/book",
    "ssh://git@github.com:22/reader/book.git": "https://github.com/reader/book",
    "git://github.com/reader/book.git": "https://github.com/reader/book",
    "/srv/github.com/reader/book.git": "",
    "../book": "",
    "file:///srv/book.git": "",
    "C:\\books\\book": "",
    "git@github-work:reader/book.git": "",
    "https://github.com.example.org/reader/book.git": "",
    "https://git.example.org/reader/book.git": "",
}


@pytest.fixture(scope="module", autouse=True)
def alone():
    """Ignore the environment of the machine that runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ["GITHUB_REPOSITORY", "GITHUB_SERVER_URL"]:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def repository(extension):
    return extension("delivery.repository")


@pytest.mark.parametrize("remote", REMOTES)
def test_remote_becomes_a_web_url(remote, repository, tmp_path):
    checkout(tmp_path, remote)
    assert repository.from_checkout(tmp_path) == REMOTES[remote]


def test_folder_within_another_checkout_has_no_url(repository, tmp_path):
    checkout(tmp_path, "https://github.com/reader/notes")
    (tmp_path / "book").mkdir()
    assert repository.from_checkout(tmp_path / "book") == ""


def test_checkout_without_a_remote_has_no_url(repository, tmp_path):
    git(tmp_path, "init")
    assert repository.from_checkout(tmp_path) == ""


def test_machine_without_git_has_no_url(repository, tmp_path, monkeypatch):
    checkout(tmp_path, "https://github.com/reader/book")
    monkeypatch.setenv("PATH", "")
    assert repository.from_checkout(tmp_path) == ""


def header(book, name):
    return book.html(name).select_one(".article-header-buttons")


def buttons(book, name):
    """Return the external links of the buttons of a page."""
    links = [link["href"] for link in header(book, name).select("a[href]")]
    return [link for link in links if urlsplit(link).scheme]


def configure(book, url):
    book.configure(repository={"url": url})


@pytest.fixture(scope="module")
def unknown(tmp_path_factory):
    """A built book without a URL, read-only."""
    book = Book(tmp_path_factory.mktemp("unknown") / "book")
    configure(book, "")
    book.make()
    return book.keep()


@pytest.fixture(scope="module")
def fork(unknown):
    """The same book, rebuilt as a fork."""
    book = unknown.restored()
    checkout(book.folder, "git@github.com:teacher/fork.git")
    book.printed = book.make()
    return book.keep("fork")


@pytest.fixture
def changed(fork):
    """The fork, for a test that rebuilds it."""
    return fork.restored()


@pytest.mark.parametrize("name", PAGES)
def test_without_a_url_there_are_no_buttons(name, unknown):
    assert buttons(unknown, name) == []


@pytest.mark.parametrize("name", PAGES)
def test_buttons_of_a_fork_lead_to_the_fork(name, fork):
    assert "https://github.com/teacher/fork" in buttons(fork, name)
    assert all("/teacher/fork" in link for link in buttons(fork, name))


def test_new_url_executes_and_reads_nothing(fork):
    assert "0 added, 0 changed, 0 removed" in fork.printed
    assert fork.executions() == 1


def test_binder_opens_the_chapter(fork):
    binder = "https://mybinder.org/v2/gh/teacher/fork/main?urlpath=lab/tree/book/chapter.md"
    assert binder in buttons(fork, "book/chapter")


def test_images_of_buttons_have_a_size(fork):
    assert not header(fork, "book/chapter").select("img:not([width][height])")


@pytest.mark.parametrize("name", PAGES)
def test_issue_button_opens_the_prefilled_form(name, fork):
    [issue] = [link for link in buttons(fork, name) if "/issues/" in link]
    url, query = issue.split("?")
    assert url == "https://github.com/teacher/fork/issues/new"
    assert parse_qs(query, keep_blank_values=True) == {
        "template": ["feedback.yml"],
        "title": [name],
        "page": [name],
    }


def test_unchanged_url_writes_no_page(changed):
    page = changed.folder / "_build/html/book/chapter.html"
    before = page.stat().st_mtime_ns
    assert "0 added, 0 changed, 0 removed" in changed.make()
    assert page.stat().st_mtime_ns == before


def test_environment_overrides_the_checkout(changed, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "school/course")
    changed.make()
    assert "https://github.com/school/course" in buttons(changed, "book/chapter")


def test_configuration_overrides_the_environment(changed, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "school/course")
    configure(changed, "https://github.com/author/book.git")
    changed.make()
    assert "https://github.com/author/book" in buttons(changed, "book/chapter")


@pytest.mark.parametrize(("issues", "forms"), [("true", True), ("", True), ("false", False)])
def test_no_forms_if_issues_are_off(issues, forms, repository, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_ISSUES", issues)
    monkeypatch.setenv("GITHUB_REPOSITORY", "reader/book")
    options = {"repository_url": "", "use_issues_button": True}
    config = SimpleNamespace(html_theme_options=options)
    repository.find_url(SimpleNamespace(srcdir=tmp_path), config)
    assert options["use_issues_button"] == forms
    assert bool(repository.issue_form(config, "A page")) == forms


@pytest.mark.parametrize(("branch", "written"), [("trunk", "trunk"), ("fix/#7", "fix/%237")])
def test_links_lead_to_the_branch_of_the_checkout(branch, written, repository, tmp_path):
    checkout(tmp_path, "https://github.com/reader/book")
    repository.git.cache_clear()
    git(tmp_path, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    options = {"repository_url": "", "repository_branch": ""}
    app = SimpleNamespace(srcdir=tmp_path)
    repository.find_url(app, SimpleNamespace(html_theme_options=options))
    assert options["repository_branch"] == written


def test_repository_without_issue_forms_keeps_the_button_of_the_theme(changed):
    configure(changed, "https://gitlab.com/author/book")
    changed.make()
    [issue] = [link for link in buttons(changed, "book/chapter") if "/issues/" in link]
    assert issue.startswith("https://gitlab.com/author/book/-/issues/new?issue[title]=")


def test_form_has_the_fields_that_the_buttons_fill_in(root):
    folder = root / ".github" / "ISSUE_TEMPLATE"
    form = yaml.safe_load((folder / "feedback.yml").read_text(encoding="utf-8"))
    fields = {field["id"]: field for field in form["body"]}
    assert set(fields) == {"page", "happened", "expected", "version"}
    for name in ["page", "happened", "expected"]:
        assert fields[name]["validations"]["required"]
    assert yaml.safe_load((folder / "config.yml").read_text(encoding="utf-8")) == {
        "blank_issues_enabled": False
    }
