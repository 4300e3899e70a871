"""Pages log no errors, contact no other hosts, fit a phone, and are accessible."""

from io import BytesIO

import numpy as np
import pytest
from axe import faults
from PIL import Image

from helpers import toc
from helpers.browser_pages import ROOT

PAGES = [page.split("/")[1] for page in toc.pages]
LOAD = """async () =>
    (await document.fonts.load("16px 'Book Math'")).map((face) => face.status)"""
FIRST_SCREEN = """async () => {
    await document.fonts.ready;
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    return [...document.querySelectorAll("article :not(button, button *)")]
    .map((one) => [one.tagName, one.getBoundingClientRect(), getComputedStyle(one)])
    .filter(([tag, { height, top }]) => height && top < innerHeight)
    .map(([tag, { x, y, width }, { color, backgroundColor }]) =>
        [tag, x, y, width, color, backgroundColor].join(" "));
}"""


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_and_logs_no_errors(name, new_page, site):
    page = new_page()  # records errors and other hosts
    page.goto(f"{site}/book/{name}.html", wait_until="networkidle")
    for width in [1280, 640, 360, 320]:  # the second and last are 1280 at 200 and 400 %
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_faults(name, theme, width, new_page, site):
    viewport = {"width": width, "height": 800}  # reduced motion: no colour between two themes
    page = new_page(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{site}/book/{name}.html")
    assert faults(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_sum_sign_is_larger_than_its_text(page, site):
    """This requires a math font, that of the book if the system has none."""
    page.goto(f"{site}/book/convolution.html")
    [font] = page.evaluate(LOAD)
    assert font == "loaded"
    sums = page.locator("div.math munderover > mo:first-child")
    for height in sums.evaluate_all("(all) => all.map((mo) => mo.getBoundingClientRect().height)"):
        assert height > 1.4 * 16 * 1.1
    assert sums.count() > 1


def test_search_icon_is_beside_the_text(page, site):
    page.goto(f"{site}/search.html")
    icon, field = (page.locator(f".bd-search-container form {part}") for part in ["i", "input"])
    padding = field.evaluate("(field) => parseFloat(getComputedStyle(field).paddingLeft)")
    box = icon.bounding_box()
    assert box["x"] + box["width"] <= field.bounding_box()["x"] + padding


def test_highlights_of_a_search_can_be_removed(page, site):
    page.goto(f"{site}/search.html?q=stride")
    page.locator("#search-results li a[href*=convolution]").first.click()
    page.locator("article .highlighted").first.wait_for()
    page.wait_for_load_state()  # the script that the policy needs is the last one
    page.locator(".highlight-link a").click()
    page.locator("article .highlighted").first.wait_for(state="detached")


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_drawer_closes_and_returns_the_focus(side, new_page, site):
    page = new_page(viewport={"width": 390, "height": 800}, has_touch=True)
    page.goto(f"{site}/book/convolution.html")
    toggle, drawer = page.locator(f".{side}-toggle"), page.locator(f"#pst-{side}-sidebar-modal")
    for _ in range(2):
        toggle.press("Enter")
        assert drawer.is_visible()
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Escape")
        drawer.wait_for(state="hidden")
        page.wait_for_function("(it) => it === document.activeElement", arg=toggle.element_handle())
    if side == "secondary":
        toggle.tap()
        drawer.locator("a[href='#loops-then-one-call']").tap()
        drawer.wait_for(state="hidden")
        page.wait_for_function("() => document.activeElement.id === 'loops-then-one-call'")


def test_full_screen_button_is_hidden_where_it_is_not_supported(own_page, site):
    page = own_page(viewport={"width": 390, "height": 800})
    page.goto(f"{site}/book/think.html")
    assert page.locator(".btn-fullscreen-button").is_visible()
    page.add_init_script("delete Element.prototype.requestFullscreen")
    page.add_init_script("delete Element.prototype.webkitRequestFullscreen")
    page.reload()
    assert not page.locator(".btn-fullscreen-button").is_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_without_javascript_there_are_chapter_links_and_no_buttons(width, new_page, site):
    page = new_page(java_script_enabled=False, viewport={"width": width, "height": 800})
    page.goto(f"{site}/book/convolution.html")
    assert page.locator("button:visible").all() == []
    page.locator("nav a", has_text="Reading the weights").click()
    assert page.url == f"{site}/book/weights.html"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_without_javascript_the_theme_is_that_of_the_system(scheme, is_dark, new_page, site):
    page = new_page(java_script_enabled=False, color_scheme=scheme)
    page.goto(f"{site}/book/think.html")
    with Image.open(BytesIO(page.screenshot())) as image:
        assert (np.asarray(image.convert("L")).mean() < 80) == is_dark


@pytest.mark.parametrize("name", ["convolution", "pytorch-layers", "complex-cells", "think"])
def test_text_of_fields_is_large_enough_for_an_iphone(name, new_page, site):
    """It zooms in when a field with text below 16 pixels is touched."""
    page = new_page(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page.goto(f"{site}/book/{name}.html")
    page.locator("details").evaluate_all("(all) => all.map((details) => (details.open = true))")
    sizes = page.locator(
        ":is(input:not([type=radio], [type=range]), select, textarea)"
    ).evaluate_all("(all) => all.map((field) => parseFloat(getComputedStyle(field).fontSize))")
    assert sizes
    assert min(sizes) >= 16


def test_marks_of_the_stepper_differ_in_high_contrast(new_page, site):
    page = new_page(forced_colors="active")
    page.goto(f"{site}/book/convolution.html")
    page.locator(".xp [aria-label='Output channel 0'] td").nth(4).press("Enter")  # pinned
    page.locator(".xp [aria-label='Output channel 0'] td").nth(8).focus()
    page.locator("article h1").click()
    look = """(cell) => (({ backgroundColor, outlineStyle, outlineWidth }) =>
        [backgroundColor, outlineStyle !== "none" && outlineStyle + outlineWidth].join(" "))(
        getComputedStyle(cell))"""
    marks = [".xp-patch", ".xp-chosen", ".xp-pinned", "td:not([class*=xp-])"]
    looks = [page.locator(f".xp-grid {mark}").first.evaluate(look) for mark in marks]
    assert len(set(looks)) == len(marks)


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_pages(scheme, page, site):
    start = site if scheme == "http" else (ROOT / "_build" / "html").as_uri()
    page.goto(f"{start}/search.html?q=stride")
    page.locator("#search-results li a").first.wait_for()
    assert "Convolution" in page.locator("#search-results").inner_text()


def test_print_has_no_navigation_and_open_solutions(new_page, site):
    page = new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page.goto(f"{site}/book/convolution.html")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.emulate_media(media="print")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'light'")
    assert page.locator("article").bounding_box()["width"] > 1200
    assert page.locator("article h1 .section-number").is_visible()
    assert not page.get_by_role("heading", name="Contents").is_visible()
    assert page.locator(".explorable figure img").first.is_visible()
    assert not page.locator(".xp").is_visible()
    for hidden in ["#pst-primary-sidebar", "#pst-secondary-sidebar", ".header-article"]:
        assert not page.locator(hidden).first.is_visible(), hidden
    solution = page.locator(".tag_hide-cell pre", has_text="# Solution").first
    assert solution.is_visible()
    assert solution.bounding_box()["height"] > 50
    clipped = page.locator("article pre:visible").evaluate_all(
        "(all) => all.filter((pre) => pre.scrollWidth > pre.clientWidth + 1).length"
    )
    assert clipped == 0
    page.emulate_media(media="screen")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_scripts_do_not_move_the_first_screen(name, theme, new_page, site):
    def look(page):
        page.goto(f"{site}/book/{name}.html")
        return page.evaluate(FIRST_SCREEN)

    settings = {"viewport": {"width": 412, "height": 823}, "color_scheme": theme}
    before = new_page(**settings)
    before.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    first = look(before)
    assert len(first) > 5
    assert first == look(new_page(**settings))


@pytest.mark.parametrize(("mode", "theme"), [("auto", "dark"), ("light", "light")])
def test_theme_is_right_before_the_scripts_load(mode, theme, own_page, site):
    page = own_page(color_scheme="dark")
    page.add_init_script(f"localStorage.mode = '{mode}'; localStorage.theme = 'light'")
    page.route("**/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{site}/book/index.html")
    assert page.locator("html").get_attribute("data-theme") == theme
