"""All explorables are robust and accessible."""

import json

import numpy as np
import pytest
from axe import faults
from matplotlib import colormaps

from convtools.plotting._shared import SIGNED
from helpers.browser_pages import ROOT, drawn

PAGES = {
    "stepper": "why-cnns", "stepper-small": "convolution", "filter-lab": "pytorch-layers",
    "cell-lab": "complex-cells", "rebuild": "natural-images",
}  # fmt: skip
CASES = json.loads((ROOT / "tests" / "explorable_cases.json").read_text(encoding="utf-8"))
# Functions of the core with the names and arguments of convtools.
CALLS = """{
    output_size: (a) => core.outputSize(a.size, a.kernel_size, a.stride, a.padding, a.dilation),
    conv2d: (a) =>
        core.conv2d(a.images.map(core.fromRows), a.weight.map((w) => w.map(core.fromRows)),
            a.bias, a).map(core.toRows),
    receptive_field: (a) => Object.values(core.receptiveField(a.layers)),
    conv_parameters: (a) =>
        core.convParameters(a.in_channels, a.out_channels, a.kernel_size, a.bias),
    dense_parameters: (a) => core.denseParameters(a.in_shape, a.out_shape, a.bias),
    gabor: ({ size, wavelength, orientation, zero_mean, sigma, ...others }) =>
        core.toRows(core.gabor(size, wavelength, orientation,
            { ...others, zeroMean: zero_mean, sigma: sigma ?? undefined })),
    difference_of_gaussians: (a) =>
        core.toRows(core.differenceOfGaussians(
            a.size, a.sigma_center, a.sigma_surround, a.balance)),
    sine_grating: (a) => core.toRows(core.sineGrating(...a.shape, a.wavelength, a.orientation, a)),
    modulation_ratio: (a) => core.modulationRatio(a.responses),
}"""
URLS = [
    "#NAME",
    "#NAME?",
    "#NAME?=&&&=",
    "#NAME?layers=[[]]&pixels=[[[1e999]]]&weights=[1,[2,3],null]&cell=[9,-9,0.5]",
    "#NAME?layers=[{},{},{},{},{},{}]&layer=7&pinned=5&speed=-1",
    "#NAME?family=constructor&image=__proto__&model=toString",
    "#NAME?__proto__=1&size=4&wavelength=-3&orientation=NaN&sigma=0&stride=1e9",
    "#NAME?phase=null&contrast={}&pixels={}&layers=7&weights=%F0%9F%98%80",
    "#NAME?family=<img src=x onerror=alert(1)>&image=<script>alert(1)</script>",
    "#NAME?%",
    "#NAME?" + "pixels=" + "9" * 5000,
    "#elsewhere?family=gabor",
]
# Dispatches random events from a seed to elements of the explorable, and waits for the drawing.
RANDOM_EVENTS = """async ([name, count, seed]) => {
    const random = (n) => Math.floor(((seed = (seed * 48271) % 2147483647) / 2147483647) * n);
    const pick = (list) => list[random(list.length)];
    const figure = document.getElementById(name);
    const frame = () => new Promise(requestAnimationFrame);
    const keys = ["Enter", "Escape", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home",
        "End", " ", "n", "p", ",", ".", "[", "]", "7", "-", "Tab", "x"];
    const values = ["-1", "1e9", "", "abc", "0", "1", "3.5", "7", "-1e-9", "90"];
    for (let i = 0; i < count; i++) {
        const targets = figure.querySelectorAll(".xp :is("
            + "button, select, input:not([type=file]), summary, td, canvas, svg, [tabindex])");
        const target = pick(targets);
        const what = random(6);
        if (what === 0) target.click?.();
        else if (what === 1 || target.matches("td, canvas")) {
            target.focus();
            const key = { key: pick(keys), bubbles: true, cancelable: true, shiftKey: !random(4) };
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", key));
        } else if (target.matches("select")) target.selectedIndex = random(target.options.length);
        else if (target.matches("[type=range]"))
            target.value = random(101) / 100 * (target.max - target.min) + +target.min;
        else if (target.matches("input:not([type=checkbox])")) target.value = pick(values);
        else target.dispatchEvent(
            new PointerEvent(pick(["pointerover", "pointerleave"]), { bubbles: true }));
        if (target.matches("select, input"))
            for (const type of pick([["input"], ["input", "change"]]))
                target.dispatchEvent(new Event(type, { bubbles: true }));
        if (i % 40 === 39) await frame();
    }
    await frame();
    await frame();
}"""
# All text and values of an explorable that a reader can see, or a screen reader can read.
CONTENT = """(name) => {
    const xp = document.querySelector(`#${name} .xp`);
    const heard = [...xp.querySelectorAll("*")].flatMap((element) =>
        [element.ariaLabel, element.value, element.getAttribute("d"), element.getAttribute("x")]);
    return [xp.textContent, ...heard.filter((text) => typeof text === "string")].join(" | ");
}"""
BROKEN = ("NaN", "undefined", "Infinity", "[object", "null")

every_explorable = pytest.mark.parametrize("name", PAGES)


def url(site, name):
    return f"{site}/book/{PAGES[name]}.html"


def look(page, name):
    """Assert that the explorable shows content, without invalid numbers or empty canvases."""
    content = page.evaluate(CONTENT, name)
    assert len(content) > 300
    assert [word for word in BROKEN if word in content] == []
    blank = "[...document.querySelectorAll('.xp canvas')].filter((c) => !c.width || !c.height)"
    assert page.evaluate(f"{blank}.length") == 0


def state(page, name):
    return page.evaluate("(name) => document.getElementById(name).xp.getState()", name)


def set_state(page, name, given):
    page.evaluate(
        "([name, given]) => document.getElementById(name).xp.setState(given)", [name, given]
    )


def unfold(page):
    page.locator(".xp details").evaluate_all("(all) => all.map((d) => (d.open = true))")


def settle(page):
    """Advance the page's fake clock until text and URL are updated."""
    page.clock.fast_forward(1000)


def pause(page):
    """Stop a running animation, because the URL is updated at its end."""
    if page.get_by_role("button", name="Pause").count():
        page.get_by_role("button", name="Pause").click()


def number(field):
    return float(field.input_value().replace("−", "-"))


@pytest.fixture
def opened(page, site):
    """Return a function that opens the page of an explorable."""

    def opened(name):
        page.goto(url(site, name))
        return page

    return opened


@pytest.fixture
def timed(own_page, site):
    """Return a function that opens the page of an explorable with a fake clock."""

    def timed(name, site=site, **options):
        page = own_page(**options)
        page.clock.install()
        page.goto(url(site, name))
        return page

    return timed


def test_core_computes_the_shared_cases(opened):
    call = f"""(cases) => {{
        const {{ core }} = XP, calls = {CALLS};
        return cases.map((given) => calls[given.function](given.arguments));
    }}"""
    results = opened("stepper").evaluate(call, CASES)
    for case, result in zip(CASES, results, strict=True):
        expected = np.array(case["result"], float)  # null is NaN
        result = np.array(result, float)
        assert result.shape == expected.shape, case
        np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6, err_msg=str(case))


@pytest.mark.parametrize(("signed", "colours"), [(True, SIGNED), (False, colormaps["gray"])])
def test_colours_of_images_are_those_of_the_figures(signed, colours, opened):
    """So that a kernel looks the same in a figure and in an interactive one."""
    shown = opened("filter-lab").evaluate(
        """(signed) => {
            const { element, draw } = XP.picture("", { signed });
            draw(XP.core.image(1, 101, (_, x) => x - 50), 50);
            const { data } = element.getContext("2d").getImageData(0, 0, 101, 1);
            return Array.from({ length: 101 }, (_, i) => [...data.slice(4 * i, 4 * i + 3)]);
        }""",
        signed,
    )
    expected = colours(np.linspace(0, 1, 101))[:, :3] * 255
    np.testing.assert_allclose(shown, expected, rtol=0, atol=4)  # they have 256 colours


@every_explorable
def test_invalid_url_breaks_nothing(name, opened):
    page = opened(name)
    for given in URLS:
        page.evaluate("(hash) => { location.hash = hash; }", given.replace("NAME", name))
        page.reload()
        look(page, name)
        clean = state(page, name)
        set_state(page, name, clean)
        assert state(page, name) == clean, f"{given}: cleaning a clean state changes it"


@every_explorable
def test_invalid_state_breaks_nothing(name, opened):
    page = opened(name)
    usual = state(page, name)
    for given in [None, 7, "x", [], {"layers": None, "weights": [[["x"]]]}]:
        set_state(page, name, given)
        look(page, name)
        assert state(page, name).keys() == usual.keys(), given


@every_explorable
def test_ten_thousand_random_events_break_nothing(name, opened):
    page = opened(name)
    for seed in range(10):
        page.evaluate(RANDOM_EVENTS, [name, 1000, 1 + seed])
        look(page, name)


@every_explorable
def test_numbers_out_of_range_are_corrected_and_reported(name, timed):
    page = timed(name)
    unfold(page)
    fields = page.locator(".xp [role=spinbutton]:visible").all()
    for field in fields:
        low, high = (float(field.get_attribute(f"aria-value{end}")) for end in ("min", "max"))
        for typed in ["-1", "1e9", "", "abc"]:
            field.fill("")
            field.press_sequentially(typed)
            field.blur()
            assert low <= number(field) <= high
        look(page, name)
    settle(page)
    if fields:  # the small stepper has none
        assert " goes from " in page.locator(".xp [role=status]").inner_text()


@every_explorable
def test_number_may_have_the_format_of_any_country(name, opened):
    page = opened(name)
    unfold(page)
    for field in page.locator(".xp [role=spinbutton]:visible").all():
        low, high = (float(field.get_attribute(f"aria-value{end}")) for end in ("min", "max"))
        for end, back in [(high, "ArrowDown"), (low, "ArrowUp")]:
            for typed in [f"{end:.9g}".replace(".", ","), f" {end:.3f} ".replace("-", "−")]:
                field.fill(typed)
                field.blur()
                assert number(field) == end
                drawn(page)
                assert float(field.get_attribute("aria-valuenow")) == end
                field.press(back)
                assert low < number(field) < high
    look(page, name)


@every_explorable
def test_url_restores_the_state(name, timed, new_page):
    page = timed(name)
    usual = state(page, name)
    page.evaluate(RANDOM_EVENTS, [name, 300, 5])
    pause(page)
    settle(page)
    changed = state(page, name)
    assert changed != usual
    assert f"#{name}?" in page.url
    other = new_page()
    other.goto(page.url)
    assert state(other, name) == changed


@every_explorable
def test_changed_url_changes_the_state(name, timed):
    page = timed(name)
    usual = state(page, name)
    page.evaluate(RANDOM_EVENTS, [name, 300, 5])
    pause(page)
    settle(page)
    assert state(page, name) != usual
    page.evaluate(
        """(name) => new Promise((changed) => {
            addEventListener("hashchange", changed, { once: true });
            location.hash = name;
        })""",
        name,
    )
    assert state(page, name) == usual


@every_explorable
def test_reset_restores_the_first_state(name, timed):
    page = timed(name)
    usual = state(page, name)
    page.evaluate(RANDOM_EVENTS, [name, 300, 7])
    pause(page)
    assert state(page, name) != usual
    page.get_by_role("button", name="Reset").click()
    settle(page)
    assert state(page, name) == usual
    assert "?" not in page.url


@every_explorable
def test_no_animation_starts_by_itself(name, timed):
    page = timed(name)
    for motion in ["reduce", "no-preference"]:
        page.emulate_media(reduced_motion=motion)
        page.reload()
        before = state(page, name)
        page.clock.run_for(5000)
        assert state(page, name) == before, motion


@every_explorable
def test_copies_code_and_url(name, new_page, site):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(url(site, name))
    page.locator(".xp summary", has_text="As PyTorch").click()
    page.get_by_role("button", name="Copy as PyTorch").click()
    shown = page.locator(".xp-code code").inner_text()
    assert page.evaluate("navigator.clipboard.readText()") == shown
    assert "import convtools" in shown or "import torch" in shown
    page.get_by_role("button", name="Copy link").click()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert page.url.endswith(f"#{name}")


@every_explorable
def test_works_from_a_file(name, timed):
    page = timed(name, (ROOT / "_build" / "html").as_uri())
    look(page, name)
    usual = state(page, name)
    page.evaluate(RANDOM_EVENTS, [name, 200, 8])
    pause(page)
    settle(page)
    look(page, name)
    assert state(page, name) != usual
    assert f"#{name}?" in page.url


@every_explorable
def test_without_javascript_image_and_text_are_shown(name, new_page, site):
    page = new_page(java_script_enabled=False)
    page.goto(url(site, name))
    explorable = page.locator(f".explorable#{name}")
    assert explorable.locator("figure img").first.is_visible()
    assert "in a browser with JavaScript" in " ".join(explorable.inner_text().split())
    assert explorable.locator(".xp").count() == 0


@every_explorable
def test_with_javascript_the_image_is_replaced_and_the_caption_stays(name, opened):
    explorable = opened(name).locator(f".explorable#{name}")
    assert not explorable.locator("figure > img").is_visible()
    assert "with JavaScript" not in explorable.inner_text()
    assert explorable.locator("figcaption").is_visible()


@every_explorable
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_no_faults_when_all_is_unfolded(name, theme, width, new_page, site):
    viewport = {"width": width, "height": 800}
    page = new_page(viewport=viewport, color_scheme=theme, has_touch=width == 360)
    page.goto(url(site, name))
    unfold(page)
    page.locator(f"#{name} [role=status]:not(:empty)").wait_for()
    assert faults(page, f"#{name}") == {}


@every_explorable
def test_no_setting_makes_the_page_scroll_sideways(name, new_page, site):
    page = new_page(has_touch=True)
    page.goto(url(site, name))
    unfold(page)
    for seed in range(5):
        page.evaluate(RANDOM_EVENTS, [name, 100, 20 + seed])
        for width in [360, 640]:  # a phone; 1280 pixels at 200 %
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@every_explorable
def test_touch_targets_are_44_pixels_high(name, new_page, site):
    page = new_page(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
    page.goto(url(site, name))
    unfold(page)
    targets = page.locator(f"#{name} .xp :is(button, select, input, summary, td[tabindex])")
    small = targets.evaluate_all(
        """(all) => all.filter((e) => e.checkVisibility())
             .map((e) => (e.closest("label") ?? e).getBoundingClientRect())
             .filter(({ height }) => height < 43.5).length"""
    )
    assert small == 0


@every_explorable
def test_single_letter_keys_only_act_within_the_explorable(name, timed):
    page = timed(name)
    before = state(page, name)
    page.locator("article h1:visible").click()
    for key in "np,.[] ":
        page.keyboard.press(key)
    settle(page)
    assert state(page, name) == before


@every_explorable
def test_theme_can_change_at_any_time(name, opened):
    page = opened(name)
    look_of = f"""() => JSON.stringify([
        getComputedStyle(document.querySelector("#{name} .xp")).backgroundColor,
        ...[...document.querySelectorAll("#{name} canvas")].map((c) => c.toDataURL()),
    ])"""
    light = json.loads(page.evaluate(look_of))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    drawn(page)
    dark = json.loads(page.evaluate(look_of))
    assert dark[0] != light[0]
    has_signed_images = name in ("filter-lab", "cell-lab")  # grey ones remain as they are
    assert (dark[1:] != light[1:]) == has_signed_images
    look(page, name)
