"""Fixtures of the tests of the book: its pages, their sources, and the built pages.

A test with the argument `page` runs once for each page of the book, and one with `chapter` once for
each numbered chapter. Both are names as in `_toc.yml`, such as "book/convolution". A test that
needs a page that a fork has removed is skipped.
"""

from functools import partial
from importlib import import_module

import pytest
from bs4 import BeautifulSoup

from helpers import toc
from helpers.book import Book
from helpers.pages import numbers
from helpers.toc import ROOT

collect_ignore = ["teacher"]  # a chapter and the files that it includes


class Pages(dict):
    def __missing__(self, page):
        pytest.skip(f"this book has no page {page}")


def pytest_generate_tests(metafunc):
    for name, values in {"page": toc.pages, "chapter": toc.chapters}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def sources():
    """The text of each page's source."""
    return Pages({page: (ROOT / f"{page}.md").read_text(encoding="utf-8") for page in toc.pages})


@pytest.fixture(scope="session")
def site():
    """The folder of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.is_dir():
        pytest.fail("there is no built book to test: run `make html` first")
    return folder


@pytest.fixture(scope="session")
def pages(site):
    """Each built page, parsed."""
    found = {page: site / f"{page}.html" for page in toc.pages}
    built = {page: path.read_bytes() for page, path in found.items() if path.exists()}
    return Pages({page: BeautifulSoup(html, "html.parser") for page, html in built.items()})


@pytest.fixture(scope="module")
def printed(text):
    """Return a function that finds numbers in the output of cells, the `text` of a module."""
    return partial(numbers, text)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A small built book, read-only."""
    book = Book(tmp_path_factory.mktemp("small") / "book")
    book.make()
    return book.keep()


@pytest.fixture
def rebuilt(small):
    """The same book, for a test that changes and rebuilds it."""
    return small.restored()


@pytest.fixture
def extension(monkeypatch):
    """Return a function that imports a module of the extension by name, such as "truth.plain"."""
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    return lambda name: import_module(f"seeing.{name}")
