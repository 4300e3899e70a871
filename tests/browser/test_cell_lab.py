"""The cell lab agrees with convtools, shows its results, and works with the keyboard."""

import math

import numpy as np
import pytest
import torch

import convtools
from helpers.browser_pages import drawn, output_of

SIZE, FRAMES = 33, 64
MODELS = ["linear", "rectified", "squared", "energy", "root", "two", "pooling"]
RANGES = {  # minimum, maximum and step of each number
    "phase": (0, 354.375, 5.625),
    "subunits": (1, 16, 1),
    "threshold": (-50, 150, 0.5),
    "orientation": (0, 179, 1),
    "frequency": (0, 0.25, 0.001),
    "contrast": (0, 1, 0.01),
    "temporal": (0.5, 3, 0.5),
    "cellOrientation": (0, 179, 1),
    "wavelength": (4, 20, 0.5),
    "sigma": (0.2, 1, 0.01),
    "aspect": (0.25, 2, 0.05),
    "leak": (0, 1, 0.01),
}
COMPUTE = """(states) => {
    const { xp } = document.getElementById("cell-lab");
    const usual = xp.getState();
    return states.map((given) => {
        xp.setState({ ...usual, ...given });
        const { responses, frame, harmonics, limit, ratio, map, phases, uniform } = xp.getModel();
        const row = xp.getState().orientation * 64;
        return {
            state: xp.getState(), responses, frame, harmonics, limit, phases, uniform,
            ratio: Number.isNaN(ratio) ? null : ratio,
            row: [...map.data.slice(row, row + 64)], mapSize: [map.height, map.width],
            code: xp.getCode(),
        };
    });
}"""


@pytest.fixture
def lab(page, site):
    """The chapter's page, with the lab in it."""
    page.goto(f"{site}/book/complex-cells.html")
    page.locator("#cell-lab.xp-alive").wait_for()
    return page


def compute(lab, states):
    return lab.evaluate(COMPUTE, states)


def show(lab, **changes):
    lab.evaluate("(changes) => document.getElementById('cell-lab').xp.setState(changes)", changes)


def state(lab):
    return lab.evaluate("document.getElementById('cell-lab').xp.getState()")


def within(lab, selector, **options):
    return lab.locator("#cell-lab .xp").locator(selector, **options)


def random_states(count, seed):
    """Half of the gratings are near the preferred one, because others give almost no response."""
    random = np.random.default_rng(seed)
    for i in range(count):
        state = {
            name: low + step * int(random.integers(round((high - low) / step) + 1))
            for name, (low, high, step) in RANGES.items()
        }
        if i % 2:
            state["frequency"] = round(1 / state["wavelength"] + random.uniform(-0.01, 0.01), 3)
            state["orientation"] = (state["cellOrientation"] + int(random.integers(-9, 10))) % 180
            state["threshold"] = 0.5 * int(random.integers(-10, 11))
        if i % 4 == 1:
            state["threshold"] = 0
        yield state | {"model": MODELS[i % 7], "direction": ["up", "down"][i // 7 % 2]}


def filters(state):
    shape = {"sigma": state["sigma"] * state["wavelength"], "aspect": state["aspect"], "size": SIZE}
    where = state["cellOrientation"]
    pair = convtools.quadrature_pair(state["wavelength"], where, **shape).double()
    pair[0] += state["leak"] * convtools.gabor(1e9, where, **shape)
    return pair


def gratings(state):
    y, x = np.indices((SIZE, SIZE)) - SIZE // 2
    turn = np.deg2rad(state["orientation"])
    across = x * np.cos(turn) + y * np.sin(turn)
    sign = 1 if state["direction"] == "up" else -1
    phases = sign * 2 * np.pi * np.arange(FRAMES)[:, None, None] / FRAMES
    waves = np.cos(2 * np.pi * state["frequency"] * across + phases)
    return torch.from_numpy(state["contrast"] / 2 * waves)[:, None]


def recorded(state):
    """Render all 64 gratings and return the even and odd response and the output."""
    even, odd = torch.einsum("fyx,nyx->fn", filters(state), gratings(state)[:, 0])
    threshold = state["threshold"]
    turns = 2 * torch.pi * torch.arange(state["subunits"])[:, None].double() / state["subunits"]
    output = {
        "linear": even,
        "rectified": torch.relu(even - threshold),
        "squared": torch.relu(even - threshold) ** 2,
        "energy": even**2 + odd**2,
        "root": (even**2 + odd**2) ** 0.5,
        "two": torch.relu(even - threshold) + torch.relu(odd - threshold),
        "pooling": torch.relu(turns.cos() * even + turns.sin() * odd - threshold).amax(0),
    }[state["model"]]
    return {"even": even, "odd": odd, "output": output}


def printed(value):
    return f"{value:z.3f}".replace("-", "−")


def text(lab, selector):
    return [" ".join(part.split()) for part in within(lab, selector).all_inner_texts()]


def test_ratio_agrees_with_the_model(lab):
    ratios = {"rectified": math.pi / 2, "squared": 16 / (3 * math.pi), "two": 1.1107}
    found = compute(lab, [{"model": model} for model in ratios])
    assert [one["ratio"] for one in found] == pytest.approx(list(ratios.values()), abs=2e-3)
    assert found[1]["ratio"] == pytest.approx(1.6977, abs=1e-4)


def test_energy_ignores_the_phase(lab):
    found = compute(
        lab,
        [
            {"model": model, "sigma": sigma, "wavelength": wavelength, "frequency": 1 / wavelength}
            for model in ["energy", "root"]
            for sigma in [0.45, 0.5, 0.6, 0.8, 1]
            for wavelength in [4, 8, 12, 20]
        ],
    )
    assert max(one["ratio"] for one in found) < 1e-6
    whole = [one for one in found if 3.9 * one["state"]["sigma"] * one["state"]["wavelength"] < 16]
    assert len(whole) == 14
    assert max(np.ptp(one["responses"]["output"]) / one["harmonics"][0] for one in whole) < 1e-4


def test_ratio_is_invariant_to_contrast_and_phase(lab):
    for model in ["rectified", "squared", "two", "energy"]:
        contrasts = [{"model": model, "contrast": part} for part in (0.1, 0.37, 1)]
        phases = [{"model": model, "phase": 5.625 * k} for k in range(0, FRAMES, 3)]
        ratios = [one["ratio"] for one in compute(lab, contrasts + phases)]
        assert np.ptp(ratios) < 1e-9


def test_energy_grows_with_the_square_of_contrast(lab):
    found = compute(lab, [{"model": "energy", "contrast": part} for part in (0.2, 0.4, 0.8)])
    assert found[1]["harmonics"][0] / found[0]["harmonics"][0] == pytest.approx(4)
    assert found[2]["harmonics"][0] / found[0]["harmonics"][0] == pytest.approx(16)


def test_responses_are_sums_over_the_pixels(lab):
    for one in compute(lab, list(random_states(105, seed=1))):
        weight = filters(one["state"]).abs().sum().item()  # no response is more exact than this
        for name, expected in recorded(one["state"]).items():
            found = torch.tensor(one["responses"][name], dtype=torch.float64)
            assert found.shape == expected.shape == (FRAMES,)
            largest = max(expected.abs().max().item(), weight * 1e-4)
            assert (found - expected).abs().max().item() < 1e-4 * largest, (name, one["state"])


def test_cells_agree_with_convtools(lab):
    given = {"cellOrientation": 30, "orientation": 25, "frequency": 0.12, "contrast": 0.8}
    given |= {"wavelength": 9, "aspect": 0.8}
    states = [given | {"model": "rectified", "threshold": 3.5}, given | {"model": "root"}]
    simple, complex_ = compute(lab, states)
    pair, images = filters(simple["state"]).float(), gratings(simple["state"])[::8].float()
    middle = SIZE // 2
    rates = convtools.SimpleCells(pair, threshold=3.5)(images)[:, 0, middle, middle]
    assert simple["responses"]["output"][::8] == pytest.approx(rates.tolist(), rel=1e-4, abs=1e-4)
    rates = convtools.ComplexCells(pair[None])(images)[:, 0, middle, middle]
    assert complex_["responses"]["output"][::8] == pytest.approx(rates.tolist(), rel=1e-4)


def test_harmonics_agree_with_numpy(lab):
    for one in compute(lab, list(random_states(50, seed=2))):
        output = np.array(one["responses"]["output"])
        spectrum = np.fft.rfft(output)[:3] / FRAMES * [1, 2, 2]
        expected = [spectrum[0].real, *np.abs(spectrum[1:])]
        assert one["harmonics"] == pytest.approx(expected, rel=1e-9, abs=1e-9 + 1e-9 * output.max())
        if one["ratio"] is not None:
            assert one["ratio"] == pytest.approx(convtools.modulation_ratio(output), abs=1e-9)


def test_row_of_the_map_is_the_output_over_phase(lab):
    for one in compute(lab, [given | {"direction": "up"} for given in random_states(20, seed=3)]):
        assert one["mapSize"] == [180, FRAMES]
        assert one["row"] == pytest.approx(one["responses"]["output"], rel=1e-12)


def test_direction_reverses_the_order_of_the_frames(lab):
    given = {"model": "two", "phase": 90, "orientation": 8, "leak": 0.3}
    up, down = compute(lab, [given | {"direction": way} for way in ("up", "down")])
    for name in ["even", "odd", "output"]:
        first, *rest = up["responses"][name]
        assert down["responses"][name] == pytest.approx([first, *reversed(rest)], abs=1e-12)
    assert (up["frame"], down["frame"]) == (16, 48)
    assert up["phases"][16] == down["phases"][48] == 90


def test_python_code_prints_the_numbers_shown(lab):
    for given in random_states(21, seed=4):
        [one] = compute(lab, [given])
        output = output_of(one["code"]).replace("-", "−").replace(",", "").replace(":", "").split()
        numbers = [
            word for word in output if (word[-1].isdigit() and word[0] != "F") or word == "—"
        ]
        now = text(lab, "p:has-text('At phase')")[0].removesuffix(".").replace(",", "").split()
        shown = [*now[5::2], *text(lab, ".xp-bars td:last-child")]
        assert len(numbers) == len(shown) == 7, (output, shown)
        for number, expected in zip(numbers, shown, strict=True):
            if "—" in (number, expected):
                assert number == expected, one["state"]
            else:
                number, expected = (float(x.replace("−", "-")) for x in (number, expected))
                assert number == pytest.approx(expected, rel=1e-4, abs=1.5e-3), one["state"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"contrast": 0}, "Practically no response."),
        ({"contrast": 0.01, "orientation": 90}, "Practically no response."),
        ({"threshold": 60}, "Practically no response."),
        ({"model": "linear"}, "The mean is 0."),
    ],
)
def test_ratio_is_undefined_without_a_mean(changes, why, lab):
    show(lab, **changes)
    assert text(lab, ".xp-bars tr:last-child td:last-child") == ["—"]
    assert within(lab, "p", has_text=why).first.is_visible()
    assert not {"NaN", "undefined", "Infinity"} & set(lab.locator("#cell-lab").inner_text().split())


def test_bars_print_the_harmonics(lab):
    show(lab, model="two", contrast=0.73, leak=0.2, frequency=0.1)
    [one] = compute(lab, [{}])
    output = np.array(one["responses"]["output"])
    f0, f1, f2 = np.abs(np.fft.rfft(output))[:3] / FRAMES * [1, 2, 2]
    assert text(lab, ".xp-bars tr") == [
        f"F0, the mean {printed(f0)}",
        f"F1, once a cycle {printed(f1)}",
        f"F2, twice a cycle {printed(f2)}",
        f"F1/F0, line at 1 {printed(f1 / f0)}",
    ]
    bars = lab.evaluate("[...document.querySelectorAll('#cell-lab meter')].map((it) => it.value)")
    assert bars == pytest.approx([*(np.array([f0, f1, f2]) / one["limit"]), f1 / f0 / 2])


def test_scale_fits_the_preferred_grating_at_full_contrast(lab):
    for model in MODELS:
        own = {"model": model, "wavelength": 10, "cellOrientation": 30, "threshold": 2}
        own |= {"orientation": 30, "frequency": 0.1}
        others = [{}, {"contrast": 0.5}, {"contrast": 0}, {"frequency": 0.2}, {"orientation": 70}]
        found = compute(lab, [own | other for other in others])
        most = recorded(found[0]["state"] | {"threshold": 0})["output"].abs().max().item()
        assert [one["limit"] for one in found] == pytest.approx([most] * len(others), rel=1e-4)


def test_scale_grows_with_the_output(lab):
    [one] = compute(lab, [{"leak": 1, "frequency": 0}])
    assert one["limit"] == pytest.approx(max(one["responses"]["output"]))
    assert one["limit"] > 1.5 * compute(lab, [{"leak": 1, "frequency": 0.125}])[0]["limit"]


def test_axis_stays_when_the_contrast_falls(lab):
    def drawn(contrast):
        show(lab, contrast=contrast)
        chart = within(lab, ".xp-chart").first
        ticks = chart.locator("g text").all_text_contents()
        return ticks, chart.locator(".xp-solid").evaluate("(line) => line.getBBox().height")

    (ticks, height), half, none = drawn(1), drawn(0.5), drawn(0)
    assert half[0] == none[0] == ticks
    assert (half[1], none[1]) == (pytest.approx(height / 2, abs=0.1), 0)
    assert height > 100


def test_text_describes_the_charts(lab):
    show(lab, model="pooling", contrast=0.5)
    for message in [
        "Ring: the receptive field, out to 2σ.",
        "Subunits: the half-rectified even filter, shifted by 0, 90, 180, 270 degrees of phase;",
        "Output from 8.89 to 12.6 over the cycle.",
        "The dashed line's length is the root of the energy.",
        "no colour to full red from 0 to 25.1. Dashed lines: the grating shown now.",
    ]:
        assert within(lab, "p", has_text=message).is_visible(), message
    show(lab, subunits=16)
    assert within(lab, "p", has_text="shifted in 16 equal steps over a cycle").is_visible()
    show(lab, model="linear")
    assert within(lab, "p", has_text="full blue to full red from −25.1 to 25.1").is_visible()


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "Above 1: called simple."),
        ({"model": "root"}, "Not above 1: called complex."),
        ({"model": "pooling", "subunits": 8}, "Not above 1: called complex."),
        ({"model": "pooling"},
         "Not above 1: called complex. But it changes with the phase: from 17.8 to 25.1."),
        ({"threshold": -30},
         "Not above 1: called complex. But it changes with the phase: from 4.87 to 55.1."),
    ],
)  # fmt: skip
def test_text_has_the_cell_type(changes, verdict, lab):
    show(lab, **changes)
    assert text(lab, "p:has-text('called')")[0] == verdict


def test_numbers_in_tables_do_not_wrap_on_a_phone(lab):
    lab.set_viewport_size({"width": 360, "height": 800})
    for title in ["Responses over time", "Map"]:
        within(lab, "summary", has_text=title).click()
        table = within(lab, f"[role=region][aria-label='{title}'] table")
        rows = table.evaluate("(it) => [...it.rows].map((row) => row.offsetHeight)")
        assert max(rows) < 1.5 * min(rows)
    assert lab.evaluate("document.documentElement.scrollWidth") <= 360


def test_axis_label_does_not_overlap_its_numbers(lab):
    gaps = lab.evaluate(
        """[...document.querySelectorAll("#cell-lab .xp-chart")].map((chart) => {
            const tops = [...chart.querySelectorAll("g text")].map((it) => it.getBBox().y);
            const label = chart.querySelectorAll(".xp-axis")[1].getBBox();
            return Math.min(...tops) - label.y - label.height;
        })"""
    )
    assert len(gaps) == 4
    assert min(gaps) > 0


def test_map_is_aligned_with_the_lines_of_its_chart(lab):
    box, lines = lab.evaluate(
        """(() => {
            const map = document.querySelector("#cell-lab .xp-layers");
            const lines = [...map.querySelectorAll("line:not(.xp-mark)")];
            const box = map.querySelector("canvas").getBoundingClientRect();
            const tops = lines.map((it) => it.getBoundingClientRect().top);
            return [[box.top, box.bottom], [tops.at(0), tops.at(-1)]];
        })()"""
    )
    assert box == pytest.approx(lines, abs=1)
    ticks = within(lab, ".xp-layers g text").all_text_contents()
    assert ticks == ["0", "90", "180", "270", "360", "0", "45", "90", "135", "180"]


def test_tables_have_the_data_of_the_charts(lab):
    show(lab, model="two", direction="down", temporal=2, cellOrientation=30, orientation=30)
    [one] = compute(lab, [{}])
    for title in ["Responses over time", "Map"]:
        within(lab, "summary", has_text=title).click()
    read = """(table) => [...table.rows].slice(1).map((row) => [...row.cells].map(
        (cell) => Number(cell.textContent.replace("−", "-"))))"""
    time, plane = (table.evaluate(read) for table in within(lab, ".xp-numbers table").all())
    lists = [one["phases"], *one["responses"].values()]
    expected = np.column_stack([np.arange(FRAMES) / FRAMES / 2, *lists])
    assert np.shape(time) == (FRAMES, 5)
    np.testing.assert_allclose(time, expected, rtol=1e-3, atol=5e-4)
    assert np.shape(plane) == (36, 9)
    assert plane[6][0] == 30
    np.testing.assert_allclose(plane[6][1:], one["row"][::8], rtol=1e-3, atol=5e-4)


def focused(lab):
    """Return whether the focused element is in the lab, its type, and its name."""
    return lab.evaluate(
        """(() => {
            const { activeElement: it } = document;
            const name = it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent;
            return [!!it.closest("#cell-lab"), it.type ?? it.localName, name ?? it.textContent];
        })()"""
    )


def focus_lab(lab):
    """Focus the stimulus, which is the first tab stop in the lab."""
    within(lab, "button", has_text="Play").focus()
    lab.keyboard.press("Shift+Tab")
    assert focused(lab)[:2] == [True, "canvas"]


def test_keyboard_reaches_and_changes_every_control(lab):
    show(lab, model="pooling", direction="up", cellOrientation=20)
    before, seen = state(lab), []
    focus_lab(lab)
    while (now := focused(lab))[0]:
        seen.append(now)
        if now[1] == "range":
            lab.keyboard.press("ArrowLeft" if now[2] == "Contrast" else "ArrowRight")
        elif now[1] == "select-one" and now[2].startswith("Direction"):
            lab.keyboard.press("ArrowDown")
        elif now[1] == "summary" and now[2] == "Cell":
            lab.keyboard.press("Enter")
        lab.keyboard.press("Tab")
    after = state(lab)
    assert [key for key in before if before[key] == after[key]] == ["model"]
    assert {name for _, kind, name in seen if kind == "button"} == {
        "▶ Play", "Frame back", "Frame forward", "Reset", "Copy link",
    }  # fmt: skip
    within(lab, "select").first.focus()
    lab.keyboard.press("Home")
    assert state(lab)["model"] == "linear"


def test_space_plays_and_pauses(lab):
    focus_lab(lab)
    lab.keyboard.press("Space")
    lab.wait_for_function("() => document.getElementById('cell-lab').xp.getState().phase > 20")
    lab.keyboard.press("Space")
    paused = state(lab)["phase"]
    drawn(lab, frames=20)
    assert state(lab)["phase"] == paused


def test_comma_and_full_stop_step(lab):
    focus_lab(lab)
    lab.keyboard.press(",")
    assert state(lab)["phase"] == 354.375
    for _ in range(3):
        lab.keyboard.press(".")
    assert state(lab)["phase"] == 11.25
    show(lab, direction="down")
    lab.keyboard.press(".")
    assert state(lab)["phase"] == 5.625
    slider = within(lab, "input[type=range]").first
    slider.focus()
    lab.wait_for_function("(slider) => slider.value === '5.625'", arg=slider.element_handle())
    lab.keyboard.press("ArrowRight")
    lab.keyboard.press(",")
    assert state(lab)["phase"] == 16.875


def test_keys_do_not_act_in_fields_and_outside_the_lab(lab):
    within(lab, "[role=spinbutton]").first.focus()
    for key in [".", ",", "Space"]:
        lab.keyboard.press(key)
    lab.locator("#searchbox, body").first.evaluate("() => document.activeElement.blur()")
    for key in [".", ","]:
        lab.keyboard.press(key)
    focus_lab(lab)
    lab.keyboard.press("Control+.")
    drawn(lab)
    assert state(lab)["phase"] == 0


def test_temporal_frequency_sets_the_speed(own_page, site):
    page = own_page()
    page.clock.install(time=0)
    page.goto(f"{site}/book/complex-cells.html")
    page.clock.pause_at(1000)
    phases = []
    for temporal in [0.5, 1]:
        show(page, temporal=temporal, phase=0)
        within(page, "button", has_text="Play").click()
        page.clock.run_for(500)
        phases.append(state(page)["phase"])
        within(page, "button", has_text="Pause").click()
    assert phases[0] == pytest.approx(90, abs=12)
    assert phases[1] == pytest.approx(2 * phases[0], abs=12)


def test_inputs_without_effect_are_hidden(lab):
    def shown(label):
        return within(lab, ".xp-control", has_text=label).is_visible()

    for model in MODELS:
        show(lab, model=model)
        assert shown("Number of subunits") == (model == "pooling")
        assert shown("Threshold") == (model not in ["linear", "energy", "root"])


def test_leak_gives_a_response_to_uniform_light(lab):
    tight, leaky = compute(lab, [{"frequency": 0, "leak": leak} for leak in (0, 0.5)])
    for one in (tight, leaky):
        assert one["uniform"] == pytest.approx(filters(one["state"])[0].sum().item() / 2, rel=1e-5)
        assert max(one["responses"]["even"]) == pytest.approx(one["uniform"])
    assert leaky["uniform"] > 20 * tight["uniform"]
    within(lab, "summary", has_text="Cell").click()
    assert (
        f"uniform white image (0.5 above grey): {printed(leaky['uniform'])}"
        in within(lab, "details").first.inner_text()
    )


def test_truncation_of_the_filters_is_reported(lab):
    message = within(lab, "p", has_text="The filters are cut off")
    assert message.is_hidden()
    show(lab, wavelength=12)
    assert message.is_visible()
    assert "their Gaussian has 3 % of its height" in message.inner_text()


def test_outline_is_the_gaussian_at_two_sigma(lab):
    show(lab, wavelength=10, sigma=0.5, aspect=0.5, cellOrientation=0)
    path = "document.querySelector('#cell-lab .xp-overlaid path')"
    assert lab.evaluate(f"(({{width, height}}) => [width, height])({path}.getBBox())") == [20, 40]
    show(lab, cellOrientation=30)
    assert lab.evaluate(f"{path}.getAttribute('transform')") == "rotate(30)"


def test_signs_of_the_filters_are_printed(lab):
    signs = "#cell-lab .xp-pair text"
    assert lab.locator(signs).all_text_contents() == ["−", "+", "−", "−", "+"]
    show(lab, leak=1)
    assert lab.locator(signs).all_text_contents() == ["", "+", "", "−", "+"]


def test_accessibility_tree_has_the_content(lab):
    show(lab, model="root", orientation=15, cellOrientation=20, phase=45)
    [one] = compute(lab, [{}])
    now = ", ".join(f"{name} {printed(list_[8])}" for name, list_ in one["responses"].items())
    within(lab, "[role=status]").get_by_text("root of energy").wait_for()
    tree = lab.locator("#cell-lab .xp").aria_snapshot()
    for message in [
        'img "Grating: 15 degrees, receptive field: 20 degrees"',
        'img "Even filter, weights"',
        'img "Odd filter, weights"',
        f'img "Output over one cycle. At phase 45 degrees: {now}."',
        f'img "Even and odd response over one cycle. At phase 45 degrees: {now}."',
        f'img "Odd against even response over one cycle. At phase 45 degrees: {now}."',
        'img "Map of the output. All orientations: no colour to full red from 0 to 25.1. ',
        'row "F0, the mean 24.205"',
        "status: ",
    ]:
        assert message in tree, tree


def test_summary_describes_the_result(lab):
    show(lab, model="pooling", subunits=2)
    status = within(lab, "[role=status]")
    status.get_by_text("But it changes").wait_for()
    assert status.inner_text() == (
        "pooling: largest of the subunits. F1/F0: 0.000. Not above 1: called complex. "
        "But it changes with the phase: from 0 to 25.1."
    )
