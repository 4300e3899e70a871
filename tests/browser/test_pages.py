"""No page logs an error, asks another host, scrolls sideways on a phone, or shuts anybody out."""

import pytest
import toc
from axe import faults

from conftest import ROOT

PAGES = [page.split("/")[1] for page in toc.pages]
LOAD = """async () =>
    (await document.fonts.load("16px 'Math of the book'")).map((face) => face.status)"""
FIRST_SCREEN = """() => [...document.querySelectorAll("article :not(button, button *)")]
    .map((one) => [one.tagName, one.getBoundingClientRect(), getComputedStyle(one)])
    .filter(([tag, { height, top }]) => height && top < innerHeight)
    .map(([tag, { x, y, width }, { color, backgroundColor }]) =>
        [tag, x, y, width, color, backgroundColor].join(" "))"""


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [320, 360, 640, 1280])  # the first and third are 1280 enlarged
def test_page_is_quiet_and_fits(name, width, new_page, site):
    page = new_page(viewport={"width": width, "height": 800})  # notes errors and other hosts
    page.goto(f"{site}/book/{name}.html", wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(name, theme, width, new_page, site):
    viewport = {"width": width, "height": 800}  # and no colour halfway between two themes
    page = new_page(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{site}/book/{name}.html")
    assert faults(page) == {}


def test_sum_is_larger_than_its_text(page, site):
    """Which it is only if a font tells how: the book's, if the system has none."""
    page.goto(f"{site}/book/convolution.html")
    [font] = page.evaluate(LOAD)
    assert font == "loaded"
    sums = page.locator("div.math munderover > mo:first-child")
    for height in sums.evaluate_all("(all) => all.map((mo) => mo.getBoundingClientRect().height)"):
        assert height > 1.4 * 16 * 1.1
    assert sums.count() > 1


@pytest.mark.parametrize("kind", ["http", "file"])
def test_search_finds_pages(kind, page, site):
    start = site if kind == "http" else (ROOT / "_build" / "html").as_uri()
    page.goto(f"{start}/search.html?q=stride")
    page.locator("#search-results li a").first.wait_for()
    assert "Convolution" in page.locator("#search-results").inner_text()


def test_paper_has_no_navigation_and_open_solutions(page, site):
    page.goto(f"{site}/book/convolution.html")
    page.emulate_media(media="print")
    for shut in ["#pst-primary-sidebar", "#pst-secondary-sidebar", ".header-article"]:
        assert not page.locator(shut).first.is_visible(), shut
    solution = page.locator(".tag_hide-cell pre").first
    assert "Solution" in solution.inner_text()
    assert solution.bounding_box()["height"] > 50
    clipped = page.locator("article pre:visible").evaluate_all(
        "(all) => all.filter((pre) => pre.scrollWidth > pre.clientWidth + 1).length"
    )
    assert clipped == 0


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_first_screen_stays_when_the_scripts_arrive(name, theme, new_page, site):
    def look(page):
        page.goto(f"{site}/book/{name}.html", wait_until="networkidle")
        return page.evaluate(FIRST_SCREEN)

    settings = {"viewport": {"width": 412, "height": 823}, "color_scheme": theme}
    before = new_page(**settings)
    before.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    seen = look(before)
    assert len(seen) > 5
    assert seen == look(new_page(**settings))


@pytest.mark.parametrize(("mode", "theme"), [("auto", "dark"), ("light", "light")])
def test_theme_is_that_of_now_before_the_scripts_arrive(mode, theme, new_page, site):
    page = new_page(color_scheme="dark")
    page.add_init_script(f"localStorage.mode = '{mode}'; localStorage.theme = 'light'")
    page.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{site}/book/index.html")
    assert page.locator("html").get_attribute("data-theme") == theme
