"""Fixtures of the browser tests: Debian's Chromium, pages, and a local web server.

A test fails if its page logs an error or sends a request to another host. `site` is the URL of the
built book and `serve(folder)` that of any folder. `path.as_uri()` is the URL of a page opened from
a file.
"""

from contextlib import ExitStack

import pytest
from chromium import launched, served

from helpers.browser_pages import ROOT, Tabs, Watch


def pytest_collection_modifyitems(items):
    """Begin with the longest file, so that no worker waits for it at the end."""
    items.sort(key=lambda item: item.path.name != "test_lab.py")


@pytest.fixture(scope="session")
def serve():
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(served(folder))


@pytest.fixture(scope="session")
def site(serve):
    """The URL of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.is_dir():
        pytest.fail("there is no built book to test: run `make html` first", pytrace=False)
    return serve(folder)


@pytest.fixture(scope="session")
def browser():
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def tabs(browser):
    return Tabs(browser)


@pytest.fixture
def watch():
    watch = Watch()
    yield watch
    assert watch.problems == []


@pytest.fixture
def new_page(tabs, watch):
    """Return a function that opens a page with empty storage, with options of Playwright."""
    taken = []

    def new_page(**options):
        taken.append(tabs.take(**options))
        return watch.start(taken[-1][1])

    yield new_page
    for kind, page in taken:
        tabs.give_back(kind, page)
        watch.stop(page)


@pytest.fixture
def page(new_page):
    return new_page()


@pytest.fixture
def own_page(browser, watch):
    """Return a function that opens an unshared page, for a fake clock or initial scripts."""
    contexts = []

    def own_page(**options):
        contexts.append(browser.new_context(**options))
        return watch.start(contexts[-1].new_page())

    yield own_page
    for context in contexts:
        context.close()
