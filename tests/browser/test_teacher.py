"""A chapter with all content types works in Chromium, without errors, and is accessible."""

import pytest
from axe import faults

from helpers.books import teachers_book

EMPTY = "<!DOCTYPE html><html lang='en'><title>A video</title><main><h1>A video</h1></main></html>"


@pytest.fixture(scope="module")
def url(tmp_path_factory, serve):
    book = teachers_book(tmp_path_factory.mktemp("teacher") / "book")
    book.make()
    return serve(book.folder / "_build/html")


@pytest.fixture
def open_page(browser, url):
    """Return a function that opens a page; other hosts respond with an empty page."""
    errors, contexts = [], []

    def open_page(name="chapter", **settings):
        contexts.append(browser.new_context(reduced_motion="reduce", **settings))
        page = contexts[-1].new_page()
        page.on("console", lambda log: log.type == "error" and errors.append(log.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.route("https://**", lambda route: route.fulfill(body=EMPTY, content_type="text/html"))
        page.goto(f"{url}/book/{name}.html", wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_axe_finds_no_faults_and_the_page_fits(width, theme, open_page):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=theme)
    for details in page.locator("article details").all():
        details.evaluate("(details) => { details.open = true; }")
    assert faults(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_margin_note_of_a_page_without_sections_is_visible(open_page):
    note = open_page("margin", viewport={"width": 1280, "height": 800}).locator("aside.margin")
    assert note.is_visible()


def test_margin_notes_are_part_of_the_text_on_a_phone(open_page):
    page = open_page(viewport={"width": 360, "height": 800})
    width = page.locator("article section").first.bounding_box()["width"]
    for note in page.locator("aside.margin, aside.sidebar").all():
        assert note.bounding_box()["width"] > 0.9 * width


def test_folds_and_tabs_work_without_a_mouse(open_page):
    page = open_page()
    fold = page.locator("details.tip").first
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_by_text("A tip").is_visible()
    page.locator(".sd-tab-set > input").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_text("julia text").is_visible()


def test_button_of_a_cell_works(open_page):
    page = open_page()
    page.get_by_role("button", name="Press").click()
    assert page.title() == "pressed"


def test_folds_and_tabs_are_open_in_print(open_page):
    page = open_page()
    page.emulate_media(media="print")
    for text in ["Seven.", "A toggle.", "Inside the dropdown.", "python text", "julia text"]:
        assert page.get_by_text(text, exact=True).bounding_box()["height"] > 5, text
