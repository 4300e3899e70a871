"""Firefox and WebKit show the book as Chromium does: what the other tests cannot see there.

Both read it from a server and from a file. Firefox is also told to refuse things, since it has a
preference for each.
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
# Chooses a picture of rings, finer and finer towards the edges, which are grey when seen from afar.
CHOOSE_RINGS = """new Promise((done) => {
    const side = 1900;
    const context = Object.assign(document.createElement("canvas"), { width: side, height: side })
        .getContext("2d");
    const pixels = context.createImageData(side, side);
    const values = new Uint32Array(pixels.data.buffer);
    for (let y = 0, i = 0; y < side; y++) for (let x = 0; x < side; x++)
        values[i++] = 0xff000000
            + 0x010101 * Math.round(127 * (1 + Math.sin((x * x + y * y) / side)));
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
    """A browser of usual width that remembers nothing of other tests."""
    engine.resize(1280, 800)
    engine.open(f"{FILES}/search.html")
    engine.value("localStorage.clear()")
    return engine


def search(browser, text, last):
    """Return the titles that a search shows, once it shows the last."""
    browser.press("Control+k")
    browser.type(text)
    browser.press("Enter")
    last = json.dumps(last)
    return browser.wait(f"{RESULTS}.includes({last}) && {RESULTS}")


@pytest.mark.parametrize("kind", ["http", "file"])
def test_search_finds_pages_and_each_once(kind, browser, site):
    browser.open(f"{site if kind == 'http' else FILES}/book/convolution.html")
    found = search(browser, "receptive field", "Seeing with Convolutions")
    assert len(found) > 5
    assert len(found) == len(set(found))
    assert {"12. Glossary", "12. Glossary > receptive field"} <= set(found)


@pytest.fixture(scope="module")
def visits(engine, site):
    """What each page is like: whether it fits a phone, and which formulas are on two lines."""
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


def test_every_page_is_quiet(visits):
    """WebKit's driver does not know what is in the console."""
    assert visits.logged == []


def test_every_page_fits_a_phone(visits):
    assert [name for name, page in visits.pages.items() if not page["fits"]] == []


def test_formulas_are_on_one_line(visits):
    assert {name: page["broken"] for name, page in visits.pages.items() if page["broken"]} == {}


@pytest.mark.parametrize("side", ["primary", "secondary"])
def test_drawer_closes_on_escape_and_gives_the_focus_back(side, browser):
    browser.resize(390, 800)
    browser.open(f"{FILES}/book/convolution.html")
    browser.click(f".{side}-toggle")
    assert browser.wait(OPEN) == f"pst-{side}-sidebar-modal"
    browser.value("document.activeElement.blur()")
    browser.press("Escape")
    browser.wait(f"!{OPEN} && {FOCUS}.includes('{side}-toggle')")


def test_drawer_closes_when_an_entry_is_chosen_which_gets_the_focus(browser):
    browser.resize(390, 800)
    browser.open(f"{FILES}/book/convolution.html")
    browser.click(".secondary-toggle")
    browser.wait(OPEN)
    browser.click("dialog[open] a[href='#as-loops']")
    browser.wait(f"!{OPEN} && {FOCUS} === 'as-loops'")
    top = "document.querySelector('#as-loops').getBoundingClientRect().top"
    browser.wait(f"Math.abs({top}) < 200")


def test_button_keeps_the_focus(browser):
    browser.open(f"{FILES}/book/convolution.html")
    browser.value("document.querySelector('.theme-switch-button').focus()")
    modes = []
    for _ in range(3):
        browser.press("Enter")
        modes.append(browser.value("document.documentElement.dataset.mode"))
    assert modes == ["dark", "light", "auto"]


def test_quiz_takes_keys(browser):
    browser.open(f"{FILES}/book/think.html")
    quiz = "document.querySelector('#quiz-dense')"
    browser.value(f"{quiz}.querySelector('[inputmode]').focus()")
    browser.type("56.623.104")
    browser.press("Enter")
    assert browser.wait(f"{quiz}.querySelector('[role=status]').textContent").startswith("Right: ")


def test_figure_takes_keys(browser):
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


def test_reload_stays_where_the_reader_was(browser, site):
    browser.open(f"{site}/book/why-cnns.html#stepper?layer=2")
    browser.wait("scrollY > 2000")
    browser.value("scrollTo({ top: 600, behavior: 'instant' })")
    browser.reload()
    browser.wait("!!document.querySelector('#stepper').xp")
    later = "new Promise((done) => setTimeout(() => done(Math.round(scrollY)), 300))"
    assert browser.value(later) == 600


def test_every_image_is_there_for_the_paper(browser):
    browser.open(f"{FILES}/book/convolution.html")
    browser.value("dispatchEvent(new Event('beforeprint'))")
    shown = "[...document.images].filter((image) => !image.closest('.motion'))"
    browser.wait(f"!{shown}.filter((image) => !image.complete || !image.naturalWidth).length")


def test_large_picture_is_made_small_without_new_stripes(browser):
    browser.open(f"{FILES}/book/pytorch-layers.html")
    browser.value(CHOOSE_RINGS)
    browser.wait(f"{LAB}.getState().image === 'own'")
    assert browser.value(SPREAD) < 12


@pytest.fixture(scope="module")
def forgetful():
    """Firefox, told to store nothing and to prefer the dark."""
    with firefox(
        **{
            "network.cookie.cookieBehavior": 2,
            "layout.css.prefers-color-scheme.content-override": 0,
        }
    ) as browser:
        browser.resize(1280, 800)
        yield browser


@pytest.mark.parametrize("kind", ["http", "file"])
def test_search_and_buttons_work_where_nothing_can_be_stored(kind, forgetful, site):
    forgetful.logged = []
    forgetful.open(f"{site if kind == 'http' else FILES}/book/convolution.html")
    assert not forgetful.value("localStorage instanceof Storage")
    forgetful.click(".theme-switch-button")
    assert forgetful.value("document.documentElement.dataset.theme") == "light"
    assert len(search(forgetful, "receptive field", "Seeing with Convolutions")) > 5
    forgetful.click(".sidebar-toggle.primary-toggle")
    forgetful.wait("!!document.querySelector('.pst-sidebar-hidden')")
    assert [text for level, text in forgetful.logged if level == "error"] == []


def test_paper_is_light_and_headings_have_their_text(forgetful):
    forgetful.open(f"{FILES}/book/convolution.html")
    headings = forgetful.value("[...document.querySelectorAll('h2, h3')].map((h) => h.innerText)")
    assert forgetful.value("document.documentElement.dataset.theme") == "dark"
    paper = pypdfium2.PdfDocument(forgetful.pdf(background=True))
    assert forgetful.value("document.documentElement.dataset.theme") == "dark"
    assert min(page.render(scale=0.2).to_numpy().mean() for page in paper) > 200
    ends = [page.get_textpage().get_text_range().split("\r\n")[-1].strip() for page in paper]
    assert {heading.strip("#\n ") for heading in headings} & set(ends) == set()


def test_photograph_is_right_where_no_page_may_read_a_canvas(site):
    with firefox(**{"privacy.resistFingerprinting": True}) as browser:
        browser.open(f"{site}/book/pytorch-layers.html")
        assert browser.value(f"{LAB}.getModel().sum.toFixed(4)") == "10.0609"
        browser.value(CHOOSE_RINGS)
        browser.wait(
            "document.querySelector('#filter-lab').textContent.includes('not let pages read')"
        )
        assert browser.value(f"{LAB}.getState().image") == "photograph"


def test_sidebar_holds_text_of_twice_the_size():
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
