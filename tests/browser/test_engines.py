"""The book works in Firefox and WebKit, where the other tests do not run.

Both open it from a server and from a file. Firefox is also tested with restricted permissions,
because it has a preference for each.
"""

import json
from types import SimpleNamespace

import pypdfium2
import pytest

from helpers.browser_engines import firefox, webkit
from helpers.browser_pages import ROOT

PAGES = sorted(path.stem for path in (ROOT / "book").glob("*.md"))
FILES = (ROOT / "_build" / "html").as_uri()
RESULTS = "[...document.querySelectorAll('#search-results li > a')].map((a) => a.textContent)"
BROKEN_FORMULAS = """[...document.querySelectorAll("div.math math")].filter((math) => {
    const { height } = math.getBoundingClientRect();
    math.style.whiteSpace = "nowrap";
    return math.getBoundingClientRect().height < height;
}).map((math) => math.textContent)"""
OPEN = "document.querySelector('dialog[open]')?.id"
FOCUS = "(document.activeElement.id || document.activeElement.className)"
# Chooses an image of rings that get finer towards the edges, which should become grey when reduced.
CHOOSE_RINGS = """new Promise((done) => {
    const size = 1900;
    const context = Object.assign(document.createElement("canvas"), { width: size, height: size })
        .getContext("2d");
    const pixels = context.createImageData(size, size);
    const values = new Uint32Array(pixels.data.buffer);
    for (let y = 0, i = 0; y < size; y++) for (let x = 0; x < size; x++)
        values[i++] = 0xff000000
            + 0x010101 * Math.round(127 * (1 + Math.sin((x * x + y * y) / size)));
    context.putImageData(pixels, 0, 0);
    context.canvas.toBlob((blob) => {
        const files = new DataTransfer();
        files.items.add(new File([blob], "rings.png"));
        const input = document.querySelector("#filter-lab [type=file]");
        input.files = files.files;
        input.dispatchEvent(new Event("change"));
        done();
    });
})"""
LAB = "document.querySelector('#filter-lab').xp"
SPREAD = f"""(({{ data }}) => {{
    const part = data.slice(64 * 128); // without the coarse rings
    const mean = part.reduce((sum, value) => sum + value) / part.length;
    return 255 * Math.sqrt(part.reduce((sum, v) => sum + (v - mean) ** 2, 0) / part.length);
}})({LAB}.getModel().image)"""
ENGINES = {"Firefox": firefox, "WebKit": webkit}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    with ENGINES[request.param]() as engine:
        yield engine


@pytest.fixture
def browser(engine):
    """A browser of default width, with empty storage."""
    engine.resize(1280, 800)
    engine.open(f"{FILES}/search.html")
    engine.value("localStorage.clear()")
    return engine


def search(browser, text, last):
    """Return the titles of the search results, once the last is shown."""
    browser.press("Control+k")
    browser.type(text)
    browser.press("Enter")
    last = json.dumps(last)
    return browser.wait(f"{RESULTS}.includes({last}) && {RESULTS}")


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_finds_each_page_once(scheme, browser, site):
    browser.open(f"{site if scheme == 'http' else FILES}/book/convolution.html")
    found = search(browser, "receptive field", "Seeing with Convolutions")
    assert len(found) > 5
    assert len(found) == len(set(found))
    titles = {title.split(". ", 1)[-1] for title in found}  # without the numbers
    assert {"Glossary", "Glossary > receptive field"} <= titles


@pytest.fixture(scope="module")
def visits(engine, site):
    """Whether each page fits a phone, which of its formulas are on two lines, and logged errors."""
    engine.logged = []
    found = {}
    for name in PAGES:
        engine.resize(390, 800)
        engine.open(f"{site}/book/{name}.html")
        fits = engine.value("document.documentElement.scrollWidth <= innerWidth")
        engine.resize(1280, 800)
        found[name] = {"fits": fits, "broken": engine.value(BROKEN_FORMULAS)}
    logged = [text for level, text in engine.logged if level != "info"]
    return SimpleNamespace(pages=found, logged=logged)


def test_no_page_logs_an_error(visits):
    """Only in Firefox, because the driver of WebKit cannot read the console."""
    assert visits.logged == []


def test_every_page_fits_a_phone(visits):
    assert [name for name, page in visits.pages.items() if not page["fits"]] == []


def test_formulas_are_on_one_line(visits):
    assert {name: page["broken"] for name, page in visits.pages.items() if page["broken"]} == {}


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_drawer_closes_on_escape_and_returns_the_focus(side, browser):
    browser.resize(390, 800)
    browser.open(f"{FILES}/book/convolution.html")
    browser.click(f".{side}-toggle")
    assert browser.wait(OPEN) == f"pst-{side}-sidebar-modal"
    browser.value("document.activeElement.blur()")
    browser.press("Escape")
    browser.wait(f"!{OPEN} && {FOCUS}.includes('{side}-toggle')")


def test_drawer_closes_when_an_entry_is_chosen_and_focuses_its_section(browser):
    browser.resize(390, 800)
    browser.open(f"{FILES}/book/convolution.html")
    browser.click(".secondary-toggle")
    browser.wait(OPEN)
    browser.click("dialog[open] a[href='#loops-then-one-call']")
    browser.wait(f"!{OPEN} && {FOCUS} === 'loops-then-one-call'")
    top = "document.querySelector('#loops-then-one-call').getBoundingClientRect().top"
    browser.wait(f"Math.abs({top}) < 200")


def test_button_keeps_the_focus(browser):
    browser.open(f"{FILES}/book/convolution.html")
    browser.value("document.querySelector('.theme-switch-button').focus()")
    modes = []
    for _ in range(3):
        browser.press("Enter")
        modes.append(browser.value("document.documentElement.dataset.mode"))
    assert modes == ["dark", "light", "auto"]


def test_quiz_works_with_the_keyboard(browser):
    browser.open(f"{FILES}/book/think.html")
    quiz = "document.querySelector('#quiz-dense')"
    browser.value(f"{quiz}.querySelector('[inputmode]').focus()")
    browser.type("8.640.000")
    browser.press("Enter")
    assert browser.wait(f"{quiz}.querySelector('[role=status]').textContent").startswith("Right: ")


def test_explorable_works_with_the_keyboard(browser):
    browser.open(f"{FILES}/book/convolution.html")
    cells = "document.querySelectorAll('.xp-grids')[0].querySelectorAll('td')"
    browser.value(f"{cells}[0].focus()")
    browser.press("ArrowRight", "Enter")
    browser.type("0,5")
    browser.press("Enter", "ArrowDown")
    state = "document.querySelector('#stepper-small').xp.getState()"
    assert browser.value(f"{state}.pixels[0][0].slice(0, 2)") == [3, 0.5]
    assert browser.value(f"document.activeElement === {cells}[6]")

    browser.open(f"{FILES}/book/pytorch-layers.html")
    field = "[...document.querySelectorAll('#filter-lab [role=spinbutton]')][1]"
    browser.value(f"{field}.select()")
    browser.type("9,5")
    assert browser.wait(f"{LAB}.getState().wavelength === 9.5")
    browser.press("ArrowUp")
    assert browser.wait(f"{LAB}.getState().wavelength === 10")


def test_reload_keeps_the_scroll_position(browser, site):
    browser.open(f"{site}/book/why-cnns.html#stepper?layer=2")
    browser.wait("scrollY > 2000")
    browser.value("scrollTo({ top: 600, behavior: 'instant' })")
    browser.reload()
    browser.wait("!!document.querySelector('#stepper').xp")
    later = "new Promise((done) => setTimeout(() => done(Math.round(scrollY)), 300))"
    assert browser.value(later) == 600


def test_every_image_is_loaded_before_printing(browser):
    browser.open(f"{FILES}/book/convolution.html")
    browser.value("dispatchEvent(new Event('beforeprint'))")
    shown = "[...document.images].filter((image) => !image.closest('.motion'))"
    browser.wait(f"!{shown}.filter((image) => !image.complete || !image.naturalWidth).length")


def test_large_image_is_reduced_without_aliasing(browser):
    browser.open(f"{FILES}/book/pytorch-layers.html")
    browser.value(CHOOSE_RINGS)
    browser.wait(f"{LAB}.getState().image === 'own'")
    assert browser.value(SPREAD) < 12


@pytest.fixture(scope="module")
def no_storage():
    """Firefox without storage, and with a preference for dark pages."""
    with firefox(
        **{
            "network.cookie.cookieBehavior": 2,
            "layout.css.prefers-color-scheme.content-override": 0,
        }
    ) as browser:
        browser.resize(1280, 800)
        yield browser


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_search_and_buttons_work_without_storage(scheme, no_storage, site):
    no_storage.logged = []
    no_storage.open(f"{site if scheme == 'http' else FILES}/book/convolution.html")
    assert not no_storage.value("localStorage instanceof Storage")
    no_storage.click(".theme-switch-button")
    assert no_storage.value("document.documentElement.dataset.theme") == "light"
    assert len(search(no_storage, "receptive field", "Seeing with Convolutions")) > 5
    no_storage.click(".sidebar-toggle.primary-toggle")
    no_storage.wait("!!document.querySelector('.pst-sidebar-hidden')")
    assert [text for level, text in no_storage.logged if level == "error"] == []


def test_print_is_light_and_keeps_headings_with_their_text(no_storage):
    no_storage.open(f"{FILES}/book/convolution.html")
    headings = no_storage.value("[...document.querySelectorAll('h2, h3')].map((h) => h.innerText)")
    assert no_storage.value("document.documentElement.dataset.theme") == "dark"
    paper = pypdfium2.PdfDocument(no_storage.pdf(background=True))
    assert no_storage.value("document.documentElement.dataset.theme") == "dark"
    assert min(page.render(scale=0.2).to_numpy().mean() for page in paper) > 200
    ends = [page.get_textpage().get_text_range().split("\r\n")[-1].strip() for page in paper]
    assert {heading.strip("#\n ") for heading in headings} & set(ends) == set()


def test_photograph_is_right_if_pages_cannot_read_a_canvas(site):
    with firefox(**{"privacy.resistFingerprinting": True}) as browser:
        browser.open(f"{site}/book/pytorch-layers.html")
        assert browser.value(f"{LAB}.getModel().sum.toFixed(4)") == "10.0609"
        browser.value(CHOOSE_RINGS)
        browser.wait(
            "document.querySelector('#filter-lab').textContent.includes('not let pages read')"
        )
        assert browser.value(f"{LAB}.getState().image") == "photograph"


def test_sidebar_has_room_for_text_of_twice_the_size():
    zoom = {"ui.textScaleFactor": 200, "browser.display.os-zoom-behavior": 2}  # of text only
    with firefox(**zoom) as browser:
        browser.resize(1280, 800)
        browser.open(f"{FILES}/book/convolution.html")
        assert browser.value("matchMedia('(max-width: 45em)').matches")
        cut = """[...document.querySelectorAll("#pst-primary-sidebar :is(p, a, kbd, span)")]
            .filter((one) => one.getBoundingClientRect().right > one.closest("#pst-primary-sidebar")
                .getBoundingClientRect().right).map((one) => one.textContent)"""
        assert browser.value(cut) == []
        inside = "document.querySelector('.logo__title')"
        assert browser.value(f"{inside}.scrollWidth <= {inside}.clientWidth")
