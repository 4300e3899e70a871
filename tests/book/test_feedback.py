"""The form below a section stands where it can be sent, and says from which page it comes."""

from urllib.parse import parse_qs

import pytest
import yaml
from test_build import Book
from test_repository import git

SECTION = "W1D5_T2_2D_Convolutions_Video"
CHAPTER = f"# A chapter\n\nProse.\n\n:::{{div}}\n:class: feedback\n:name: {SECTION}\n:::\n"
SERVICE = {
    "feedback_endpoint": "https://datatops.example.org/",
    "feedback_name": "my course",
    "feedback_user_key": 'k"&y',
}


class FeedbackBook(Book):
    """A small book that asks what its readers think."""

    def __init__(self, folder, root, url="", **service):
        super().__init__(folder, root)
        config = self.config()
        config["repository"]["url"] = url
        config["sphinx"]["config"] |= dict.fromkeys(SERVICE, "") | service
        self.write("_config.yml", yaml.safe_dump(config))
        self.write("book/chapter.md", CHAPTER)
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("GITHUB_REPOSITORY", raising=False)
            self.make()


@pytest.fixture(scope="module")
def served(tmp_path_factory, root):
    return FeedbackBook(tmp_path_factory.mktemp("served"), root, **SERVICE)


@pytest.fixture(scope="module")
def known(tmp_path_factory, root):
    return FeedbackBook(tmp_path_factory.mktemp("known"), root, "https://github.com/reader/book")


def loaded(html):
    files = [tag.get("src") or tag.get("href") for tag in html.select("script[src], link[href]")]
    return {file.split("?")[0] for file in files if "/feedback." in file}


def test_without_service_and_repository_there_is_nothing(tmp_path, root):
    html = FeedbackBook(tmp_path, root).html("book/chapter")
    assert SECTION not in html.article.decode()
    assert loaded(html) == set()


def test_form_posts_to_the_service(served):
    [form] = served.html("book/chapter").select("form.feedback")
    assert form["data-service"] == "https://datatops.example.org/api/v1/projects/my%20course"
    assert (form["data-key"], form["data-section"]) == (SERVICE["feedback_user_key"], SECTION)
    assert "data-issue" not in form.attrs


def test_without_a_repository_there_is_no_link(served):
    assert not served.html("book/chapter").select(".feedback-link")


def test_issue_names_section_and_page(known):
    [form] = known.html("book/chapter").select("form.feedback")
    assert "data-service" not in form.attrs
    address, query = form["data-issue"].split("?")
    assert address == "https://github.com/reader/book/issues/new"
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


def test_files_are_loaded_where_there_is_a_form_and_nowhere_else(known):
    assert loaded(known.html("book/chapter")) == {"../_static/feedback.js"}
    assert loaded(known.html("book/index")) == set()


def test_another_service_reads_no_page_again(served):
    config = (served.folder / "_config.yml").read_text(encoding="utf-8")
    served.write("_config.yml", config.replace("datatops.example.org", "example.com"))
    said = served.make()
    assert "0 added, 0 changed, 0 removed" in said
    [form] = served.html("book/chapter").select("form.feedback")
    assert form["data-service"].startswith("https://example.com/api/")


def test_issue_names_the_version(known):
    git(known.folder, "init")
    git(known.folder, "add", "_config.yml")
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    git(known.folder, *author, "commit", "-m", "A book")
    known.write("book/chapter.md", f"{CHAPTER}\nMore.\n")
    known.make()
    [form] = known.html("book/chapter").select("form.feedback")
    version = git(known.folder, "rev-parse", "--short", "HEAD")
    assert parse_qs(form["data-issue"])["version"] == [version]
