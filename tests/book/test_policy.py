"""The policy of every page allows nothing from other hosts."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
import yaml

from helpers.book import Book
from helpers.pages import POLICY, rules
from helpers.toc import ROOT

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A small book with a feedback service and an allowed host."""
    book = Book(tmp_path_factory.mktemp("policy") / "book")
    book.configure(
        {
            "feedback_endpoint": "https://datatops.example.org/path",
            "allowed_sources": {"script-src": "https://cdn.example.org"},
        }
    )
    book.write("book/chapter.md", "# A chapter\n\nProse.\n")
    book.make()
    return book


def test_every_page_has_a_policy_before_anything_is_loaded(site):
    pages = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    for path in set(pages) - {site / "index.html"}:  # which only redirects to another page
        html = path.read_text(encoding="utf-8")
        assert len(POLICY.findall(html)) == 1, path
        assert POLICY.search(html).start() < re.search("<(script|link|style)", html).start(), path


def test_policy_allows_no_other_host_and_inline_code_only_by_hash(page, site):
    allowed = rules((site / f"{page}.html").read_text(encoding="utf-8"))
    assert allowed["default-src"] == ["'none'"]
    if allowed_here := CONFIG["sphinx"]["config"].get("allowed_sources"):
        pytest.skip(f"this book allows {allowed_here}")
    hosts = [source for sources in allowed.values() for source in sources if "." in source]
    assert hosts == []
    named = {"'self'", "'unsafe-hashes'"}
    assert {source for source in allowed["script-src"] if "sha256" not in source} == named
    assert {source for source in allowed["style-src"] if "sha256" not in source} == {"'self'"}


def test_hashes_match_the_inline_scripts_of_the_page(site):
    html = (site / "book/index.html").read_text(encoding="utf-8")
    mode = html.split('<script data-cfasync="false">')[1].split("</script>")[0]
    for text in [mode, "window.print()", "toggleFullScreen()"]:
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules(html)["script-src"]


def test_policy_includes_service_and_allowed_hosts(book):
    html = (book.folder / "_build/html/book/chapter.html").read_text(encoding="utf-8")
    allowed = rules(html)
    assert allowed["connect-src"] == ["'self'", "https://datatops.example.org"]
    assert "https://cdn.example.org" in allowed["script-src"]


def test_second_build_leaves_one_policy(rebuilt):
    rebuilt.make()
    html = (rebuilt.folder / "_build/html/book/chapter.html").read_text(encoding="utf-8")
    assert len(POLICY.findall(html)) == 1
