"""The form below a section is shown only if it can be sent, and includes its page."""

from urllib.parse import parse_qs

import pytest

from helpers.books import SECTION, SERVICE, feedback_book
from helpers.git import commit, git


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return feedback_book(tmp_path_factory.mktemp("served") / "book", **SERVICE).keep()


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    url = "https://github.com/reader/book"
    return feedback_book(tmp_path_factory.mktemp("known") / "book", url).keep()


def loaded(html):
    files = [tag.get("src") or tag.get("href") for tag in html.select("script[src], link[href]")]
    return {file.split("?")[0] for file in files if "/feedback." in file}


def test_without_service_and_repository_there_is_no_form(tmp_path):
    html = feedback_book(tmp_path / "book").html("book/chapter")
    assert SECTION not in html.article.decode()
    assert loaded(html) == set()


def test_form_posts_to_the_service(served):
    [form] = served.html("book/chapter").select("form.feedback")
    assert form["data-service"] == "https://datatops.example.org/api/v1/projects/my%20course"
    assert (form["data-key"], form["data-section"]) == (SERVICE["feedback_user_key"], SECTION)
    assert "data-issue" not in form.attrs


def test_without_a_repository_there_is_no_link(served):
    assert not served.html("book/chapter").select(".feedback-link")


def test_issue_has_section_and_page(known):
    [form] = known.html("book/chapter").select("form.feedback")
    assert "data-service" not in form.attrs
    url, query = form["data-issue"].split("?")
    assert url == "https://github.com/reader/book/issues/new"
    assert parse_qs(query, keep_blank_values=True) == {
        "template": ["feedback.yml"],
        "title": [f"book/chapter: {SECTION}"],
        "page": [f"book/chapter, section {SECTION}"],
    }


def test_without_javascript_there_is_a_link_and_no_form(known):
    html = known.html("book/chapter")
    [form], [link] = html.select("form.feedback"), html.select(".feedback-link a")
    assert "hidden" in form.attrs
    assert link["href"] == form["data-issue"]


def test_every_control_has_a_label(known):
    [form] = known.html("book/chapter").select("form.feedback")
    assert form.legend.get_text()
    controls = form.select("input, textarea")
    assert len(controls) == 4
    for control in controls:
        assert control.find_parent("label").get_text(strip=True)


def test_files_are_loaded_only_on_pages_with_a_form(known):
    assert loaded(known.html("book/chapter")) == {"../_static/feedback.js"}
    assert loaded(known.html("book/index")) == set()


def test_change_of_the_service_reads_no_page_again(served):
    book = served.restored()
    book.configure({"feedback_endpoint": "https://example.com/"})
    assert "0 added, 0 changed, 0 removed" in book.make()
    [form] = book.html("book/chapter").select("form.feedback")
    assert form["data-service"].startswith("https://example.com/api/")


def test_issue_has_the_version(known):
    book = known.restored()
    commit(book.folder, "_config.yml")
    text = (book.folder / "book/chapter.md").read_text(encoding="utf-8")
    book.write("book/chapter.md", f"{text}\nMore.\n")
    book.make()
    [form] = book.html("book/chapter").select("form.feedback")
    version = git(book.folder, "rev-parse", "--short", "HEAD")
    assert parse_qs(form["data-issue"])["version"] == [version]
