"""What the tests of the book share: the table of contents, the sources, and the built pages.

A test that asks for `page` runs once for each page of the book; one that asks for `chapter`, once
for each numbered chapter. Both are names as in `_toc.yml`: "book/convolution".
"""

from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PARTS = {part["caption"]: [entry["file"] for entry in part["chapters"]] for part in TOC["parts"]}
CHAPTERS = PARTS["Chapters"]
PAGES = [TOC["root"], *(page for part in PARTS.values() for page in part)]


def pytest_generate_tests(metafunc):
    for name, values in {"page": PAGES, "chapter": CHAPTERS}.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values)


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def sources():
    """The text of each page's source."""
    return {page: (ROOT / f"{page}.md").read_text(encoding="utf-8") for page in PAGES}


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
    return {
        page: BeautifulSoup((site / f"{page}.html").read_bytes(), "html.parser")
        for page in PAGES
        if (site / f"{page}.html").exists()
    }
