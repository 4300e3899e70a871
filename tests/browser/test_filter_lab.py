"""The filter lab agrees with convtools and torch, shows its results, and needs no mouse."""

import io
import random
import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import conv2d

import convtools
from helpers.browser_pages import drawn, output_of

LAB = 'document.querySelector("#filter-lab")'
PHOTOGRAPH = f"{LAB}.xp.getModel().image.data.some((value) => value)"
RANGES = {
    "orientation": (0, 179, 1),
    "wavelength": (4, 16, 0.5),
    "phase": (-180, 180, 5),
    "sigma": (0.5, 10, 0.1),
    "sigmaCenter": (0.3, 4, 0.1),
    "sigmaSurround": (4.1, 10, 0.1),
    "balance": (0, 2, 0.05),
    "stride": (1, 4, 1),
    "size": (3, 21, 2),
    "aspect": (0.2, 3, 0.05),
    "row": (0, 127, 1),
    "column": (0, 127, 1),
}
CHOICES = {
    "image": ["photograph", "edge", "bars", "dots"],
    "family": ["gabor", "difference", "gaussian", "custom"],
    "off": [False, True],
    "rectified": [False, True],
    "zeroMean": [False, True],
    "side": ["3", "5", "7"],
}
NUMBER = r"−?\d+(?:\.\d+)?"
LINE = ".filter-probe + p"  # under the images


def random_states(count, seed, **fixed):
    draw = random.Random(seed)

    def one():
        state = {key: draw.choice(options) for key, options in CHOICES.items()}
        for key, (low, high, step) in RANGES.items():
            state[key] = round(low + step * draw.randint(0, round((high - low) / step)), 6)
        side = int(state["side"])
        weights = [[round(draw.uniform(-10, 10), 3) for _ in range(side)] for _ in range(side)]
        return {**state, "weights": weights, **fixed}

    return [one() for _ in range(count)]


def kernel_of(state):
    size, family = state["size"], state["family"]
    if family == "custom":
        return torch.tensor(state["weights"])
    if family == "gabor":
        return convtools.gabor(
            state["wavelength"], state["orientation"],
            phase=np.deg2rad(state["phase"]), sigma=state["sigma"], aspect=state["aspect"],
            size=size, zero_mean=state["zeroMean"],
        )  # fmt: skip
    if family == "gaussian":
        bump = torch.exp(-((torch.arange(size) - size // 2) ** 2) / (2 * state["sigma"] ** 2))
        cell = torch.outer(bump, bump) / bump.sum() ** 2
    else:
        center, surround = state["sigmaCenter"], state["sigmaSurround"]
        cell = convtools.difference_of_gaussians(
            center, surround, balance=state["balance"], size=size
        )
    return -cell if state["off"] else cell


def image_of(name):
    y, x = np.mgrid[:128, :128]
    if name == "photograph":
        return torch.round((convtools.natural_image(128) + 0.5) * 255) / 255 - 0.5
    if name == "edge":
        bright = x >= 64
    elif name == "bars":  # sixteen of them, the first on the positive x axis
        turns = np.arctan2(y - 63.5, x - 63.5) / (2 * np.pi)
        bright = (16 * turns + 0.25) % 1 < 0.5
    else:
        centre_y, centre_x = y // 32 * 32 + 15.5, x // 32 * 32 + 15.5
        radius = np.array([1.5, 3, 6, 12])[x // 32]
        bright = (y - centre_y) ** 2 + (x - centre_x) ** 2 < radius**2
    return torch.from_numpy(np.where(bright, 0.5, -0.5).astype(np.float32))


@pytest.fixture
def lab(page, site):
    page.goto(f"{site}/book/pytorch-layers.html")
    page.wait_for_function(f"() => {PHOTOGRAPH}")
    return page


def models(lab, states, what):
    """Set the lab to each state, and return the value of an expression of the model `m`."""
    return lab.evaluate(
        f"""(states) => states.map((state) => {{
            const place = {LAB};
            const {{ xp }} = place;
            const text = (selector) => place.querySelector(selector).textContent;
            xp.setState(state);
            const m = xp.getModel();
            return {what};
        }})""",
        states,
    )


def square(values):
    values = np.array(values)
    side = round(len(values) ** 0.5)
    return values.reshape(side, side)


def state_of(lab):
    return lab.evaluate(f"{LAB}.xp.getState()")


def numbers(text):
    return [float(found.replace("−", "-")) for found in re.findall(NUMBER, text)]


# Numbers ----


def test_kernels_agree_with_convtools(lab):
    states = random_states(80, seed=1)
    for state, found in zip(states, models(lab, states, "[...m.kernel.data]"), strict=True):
        expected = kernel_of(state).numpy()
        assert square(found).shape == expected.shape
        np.testing.assert_allclose(square(found), expected, rtol=0, atol=1e-6, err_msg=str(state))


def test_responses_agree_with_torch(lab):
    states = random_states(32, seed=2)
    for i, state in enumerate(states):  # all images with all strides, twice
        state.update(image=CHOICES["image"][i % 4], stride=i // 4 % 4 + 1)
    for state, found in zip(states, models(lab, states, "[...m.response.data]"), strict=True):
        kernel, image = kernel_of(state), image_of(state["image"])
        padding = kernel.shape[0] // 2
        response = conv2d(
            image[None, None], kernel[None, None], stride=state["stride"], padding=padding
        )[0, 0]
        expected = (response.relu() if state["rectified"] else response).numpy()
        assert square(found).shape == expected.shape
        np.testing.assert_allclose(square(found), expected, rtol=0, atol=1e-4, err_msg=str(state))


BALANCED = {"balance": 1, "zeroMean": True}


@pytest.mark.parametrize("family", ["gabor", "difference"])
def test_balanced_kernels_sum_to_0_and_do_not_respond_to_uniform_light(family, lab):
    states = random_states(60, seed=3, family=family, **BALANCED)
    found = models(
        lab,
        states,
        """(() => {
            const uniform = XP.core.image(30, 30, () => 0.5);
            const [inside] = XP.core.conv2d([uniform], [[m.kernel]]);
            return [m.total, Math.max(...inside.data.map(Math.abs)), inside.data.length];
        })()""",
    )
    assert min(count for *_, count in found) == 100
    assert np.abs([sums for *sums, _ in found]).max() < 1e-6


def test_half_a_cycle_of_phase_negates_a_gabor(lab):
    states = random_states(40, seed=4, family="gabor")
    for state in states:
        state["phase"] = -abs(state["phase"])
    shifted = [{**state, "phase": state["phase"] + 180} for state in states]
    kernels, negated = (models(lab, given, "[...m.kernel.data]") for given in (states, shifted))
    for one, other in zip(kernels, negated, strict=True):
        np.testing.assert_allclose(one, np.negative(other), rtol=0, atol=1e-12)


def test_off_is_the_negative_of_on(lab):
    on, off = (random_states(20, seed=5, family="difference", off=off) for off in (False, True))
    kernels, negated = (models(lab, given, "[...m.kernel.data]") for given in (on, off))
    for one, other in zip(kernels, negated, strict=True):
        assert any(one)
        assert one == np.negative(other).tolist()


def test_tuning_peaks_at_the_orientation(lab):
    usual = [{"orientation": angle} for angle in range(0, 180, 2)]
    others = random_states(60, seed=11, family="gabor", size=21)  # room for some bars:
    for state in others:
        state["wavelength"] = state["wavelength"] % 10 + 4
        state["sigma"] = min(10, state["wavelength"] * (0.3 + state["sigma"] / 14))
        state["aspect"] = 0.5 + state["aspect"] / 2
    states = usual + others
    for state, [peak] in zip(states, models(lab, states, "m.peaks"), strict=True):
        off = (peak - state["orientation"] + 90) % 180 - 90
        assert abs(off) <= 1, f"{peak} of {state}"


def test_tuning_is_the_largest_response_over_all_phases(lab):
    for state, found in zip(
        states := random_states(8, seed=6), models(lab, states, "m.tuning"), strict=True
    ):
        kernel = kernel_of(state)
        assert len(found) == 180
        for angle in [0, 37, 120]:
            responses = [
                convtools.sine_grating(kernel.shape, state["wavelength"], angle, phase=phase)
                .mul(kernel).sum().item()
                for phase in np.linspace(0, 2 * np.pi, 360)
            ]  # fmt: skip
            assert found[angle] == pytest.approx(max(responses), rel=1e-3, abs=1e-5)


def test_photograph_agrees_with_convtools(lab):
    [found] = models(lab, [{"image": "photograph"}], "[...m.image.data]")
    expected = convtools.natural_image(128).numpy()
    assert square(found).shape == expected.shape
    assert np.abs(square(found) - expected).max() <= 1 / 510 + 1e-6


def test_products_sum_to_the_response_at_the_probe(lab):
    states = random_states(40, seed=7, rectified=False)
    found = models(
        lab,
        states,
        """[m.product.data.reduce((a, b) => a + b), m.row, m.column,
            m.response.data[(m.row * m.response.width + m.column) / state.stride]]""",
    )
    for state, (total, *place, response) in zip(states, found, strict=True):
        assert total == pytest.approx(response, abs=1e-9)
        assert place == [state[key] - state[key] % state["stride"] for key in ("row", "column")]


def test_line_under_the_images_shows_sum_and_response(lab):
    states = random_states(20, seed=8)
    found = models(lab, states, f'text("{LINE}")')
    for state, status in zip(states, found, strict=True):
        image, kernel = image_of(state["image"]), kernel_of(state)
        half = kernel.shape[0] // 2
        row, column = (state[key] - state[key] % state["stride"] for key in ("row", "column"))
        response = conv2d(image[None, None], kernel[None, None], padding=half)
        expected = response[0, 0, row, column].item()
        assert numbers(status)[1:3] == [row, column]
        assert numbers(status)[0] == pytest.approx(kernel.sum().item(), abs=1.1e-4)
        assert numbers(status)[3] == pytest.approx(expected, abs=1.1e-4)
        assert ("rectified" in status) == (state["rectified"] and expected < -5e-5)
        crosses = any(at < half or at + half > 127 for at in (row, column))
        assert status.endswith("Outside the image: 0.") == crosses


def test_flat_curve_has_no_preferred_orientation(lab):
    states = [
        {"family": "gaussian", "sigma": 1, "size": 21},
        {"family": "custom", "side": "3", "weights": [[0] * 3] * 3},
        {"family": "gabor", "orientation": 30},
    ]
    words = 'm.peaks, text(".xp-chart + p"), !!place.querySelector(".xp-mark")'
    flat, nothing, gabor = models(lab, states, f"[{words}]")
    assert flat == [[], f"Always {flat[1].split()[1]} No orientation is preferred.", False]
    assert nothing == [[], "Always 0. No orientation is preferred.", False]
    assert gabor[0] == [30]
    assert gabor[1].endswith("Dashed: the largest, at 30°.")
    assert gabor[2]


# Python ----


def printed(code):
    return [float(found) for found in re.findall(r"-?\d+\.\d+|\d+(?= degrees)", output_of(code))]


def test_pytorch_prints_the_numbers_shown(own_page, site):
    page = own_page()
    page.clock.install()
    page.goto(f"{site}/book/pytorch-layers.html")
    page.wait_for_function(f"() => {PHOTOGRAPH}")
    for i, state in enumerate(random_states(20, seed=9)):
        family, image = CHOICES["family"][i % 4], CHOICES["image"][i // 4 % 4]
        [code] = models(page, [{**state, "family": family, "image": image}], "xp.getCode()")
        page.clock.run_for(1000)
        status = numbers(page.locator("#filter-lab [role=status]").inner_text())
        amplitudes = numbers(page.locator("#filter-lab .xp-chart + p").first.inner_text())
        if len(amplitudes) == 1:  # flat
            amplitudes *= 2
        assert printed(code) == pytest.approx(status[:4] + amplitudes, abs=1.1e-4), code
        assert status[4:] == amplitudes[1:]
        assert len(code.splitlines()) <= 32


def test_copied_code_is_the_code_shown(lab):
    lab.locator("#filter-lab summary", has_text="As PyTorch").click()
    shown = lab.locator("#filter-lab .xp-code code").text_content()
    assert shown == lab.evaluate(f"{LAB}.xp.getCode()")


# The reader's own image ----


def upload(lab, name, content):
    lab.locator("#filter-lab select").first.select_option("own")
    lab.locator("#filter-lab input[type=file]").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )


def upload_image(lab, pixels):
    image = f"{LAB}.xp.getModel().image.data.join()"
    before = lab.evaluate(image)
    upload(lab, "own.png", png(pixels))
    lab.wait_for_function(f"(before) => {image} !== before", arg=before)


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def smooth_colours():
    y, x = np.mgrid[:128, :192]
    return np.stack([x, y * 2, 255 - x], axis=-1).astype("uint8")


def test_own_image_is_cropped_and_made_grey(lab):
    pixels = smooth_colours()
    upload_image(lab, pixels)
    [found] = models(lab, [{}], "[...m.image.data]")
    expected = pixels[:, 32:160] @ [0.299, 0.587, 0.114] / 255 - 0.5
    assert np.abs(square(found) - expected).max() <= 1 / 255 + 1e-9


def test_own_image_may_be_a_large_file(lab):
    large = np.asarray(Image.fromarray(smooth_colours()).resize((1200, 800)))
    upload_image(lab, large)
    [found] = models(lab, [{}], "[...m.image.data]")
    middle = Image.fromarray(large).crop((200, 0, 1000, 800)).resize((128, 128))
    expected = np.asarray(middle) @ [0.299, 0.587, 0.114] / 255 - 0.5
    assert np.abs(square(found) - expected).mean() <= 2 / 255


def test_copied_code_has_the_patch_of_an_own_image(lab):
    upload_image(lab, smooth_colours())
    for state in random_states(4, seed=10, image="own"):
        [(code, value)] = models(lab, [state], "[xp.getCode(), m.value]")
        assert printed(code)[1] == pytest.approx(value, abs=1.1e-4), code


def test_file_that_is_not_an_image_changes_nothing(lab):
    before = models(lab, [{}], "[...m.image.data]")
    upload(lab, "notes.png", b"<img src=x onerror=alert(1)>")
    status = lab.locator("#filter-lab [role=status]")
    status.get_by_text("cannot read this file").wait_for()
    assert models(lab, [{}], "[...m.image.data]") == before


def test_url_with_an_own_image_shows_the_photograph(page, site):
    page.goto(f"{site}/book/pytorch-layers.html#filter-lab?image=own&orientation=30")
    page.wait_for_function(f"() => {PHOTOGRAPH}")
    page.locator("#filter-lab [role=status]").get_by_text("this is the photograph").wait_for()
    assert state_of(page)["orientation"] == 30


# Controls ----


def test_only_the_fields_of_the_family_are_shown(lab):
    lab.locator("#filter-lab summary", has_text="More settings").click()
    of = {
        "gabor": {"Orientation", "Phase", "σ (", "Aspect", "Zero mean"},
        "difference": {"σ of the centre", "σ of the surround", "Balance", "OFF"},
        "gaussian": {"σ (", "OFF"},
        "custom": {"Size\n"},
    }
    for family, fields in of.items():
        models(lab, [{"family": family}], "0")
        shown = lab.locator("#filter-lab .xp-control:visible").all_inner_texts()
        for field in set().union(*of.values()) - {"Size\n"}:
            assert any(text.startswith(field) for text in shown) == (field in fields), family
        assert any(text.startswith("Size of the kernel") for text in shown) == (family != "custom")
        assert lab.locator("#filter-lab .xp-grid").is_visible() == (family == "custom")


def test_narrow_surround_is_rejected_with_a_message(lab):
    narrow = {"family": "difference", "sigmaCenter": 3, "sigmaSurround": 3}
    found = models(lab, [narrow], "m.problem")
    assert found == ["The surround must be wider than the centre: make its σ larger than 3."]
    lab.locator("#filter-lab [role=status]").get_by_text(found[0]).wait_for()
    problem = lab.locator("#filter-lab .xp-problem")
    assert problem.inner_text() == found[0]
    models(lab, [{"sigmaSurround": 4}], "0")
    assert problem.count() == 0


@pytest.mark.parametrize("image", [0, 1])
def test_tap_moves_the_probe(image, lab):
    models(lab, [{"stride": 4}], "0")
    pad = lab.locator("#filter-lab .filter-pad").nth(image)
    box = pad.bounding_box()
    pad.click(position={"x": 34 / 128 * box["width"], "y": 98 / 128 * box["height"]})
    lab.wait_for_function(f"() => {LAB}.xp.getModel().row === 96")
    assert models(lab, [{}], "[m.row, m.column]") == [[96, 32]]


def frame(lab, image):
    """Return the position of the frame, as fractions of its image."""
    inner, outer = (
        lab.locator(f"#filter-lab {selector}").nth(image).bounding_box()
        for selector in (".filter-frame", ".filter-pad")
    )
    return [
        (inner["x"] + inner["width"] / 2 - outer["x"]) / outer["width"],
        (inner["y"] + inner["height"] / 2 - outer["y"]) / outer["height"],
        inner["width"] / outer["width"],
    ]


def test_frames_are_around_the_patch_and_its_response(lab):
    models(lab, [{"row": 40, "column": 100, "stride": 4, "size": 21}], "0")
    assert frame(lab, 0) == pytest.approx([100.5 / 128, 40.5 / 128, 21 / 128], abs=0.01)
    assert frame(lab, 1)[:2] == pytest.approx([25.5 / 32, 10.5 / 32], abs=0.01)


def test_tables_have_the_numbers_of_images_and_charts(lab):
    for summary in lab.locator("#filter-lab .xp-numbers summary").all():
        summary.click()
    found = models(
        lab,
        [{"orientation": 20}],
        """[...place.querySelectorAll(".xp-numbers tbody")].map((body) => [
            body.rows.length, [...body.rows[7].cells].map((cell) => cell.textContent),
        ]).concat([[m.tuning[7], m.section[7], m.product.data[7]]])""",
    )[0]
    (angles, angle), (places, place), (pixels, pixel), (tuning, weight, product) = found
    assert [angles, places, pixels] == [181, 21, 441]
    assert numbers(" ".join(angle)) == pytest.approx([7, tuning], abs=1e-4)
    assert numbers(" ".join(place)) == pytest.approx([-3, weight], abs=1e-4)
    assert numbers(" ".join(pixel))[:2] == [0, 7]
    assert numbers(" ".join(pixel))[-1] == pytest.approx(product, abs=1e-4)
    for texts in [angle[1:], place[1:], pixel[2:]]:
        assert [text[-5] for text in texts] == ["."] * len(texts)


# Keys ----


def focused(lab):
    return lab.evaluate(
        """(() => {
            const it = document.activeElement;
            const name = it.ariaLabel ?? it.labels?.[0]?.textContent ?? it.textContent;
            return it.closest("#filter-lab") ? [it.type ?? it.tagName, name] : null;
        })()"""
    )


def press(lab, *keys):
    for key in keys:
        lab.keyboard.press(key)


def tab_to(lab, kind, name):
    for _ in range(120):
        press(lab, "Tab")
        if (found := focused(lab)) and found[0] == kind and found[1].startswith(name):
            return
    pytest.fail(f"Tab does not lead to {kind} {name}")


def wait_for(lab, **state):
    for key, value in state.items():
        lab.wait_for_function(
            f"([key, value]) => {LAB}.xp.getState()[key] === value", arg=[key, value], timeout=3000
        )


def start(lab):
    """Focus a link above the lab (those of headings are hidden)."""
    lab.locator("#the-filter-lab p a").first.focus()


def test_arrows_move_the_probe(lab):
    start(lab)
    for image in ["Image", "Response"]:
        models(lab, [{"row": 50, "column": 50, "stride": 1}], "0")
        tab_to(lab, "DIV", f"{image}: the arrow keys move the probe")
        press(lab, "ArrowDown", "Shift+ArrowDown", "ArrowLeft")
        wait_for(lab, row=59, column=49)
        models(lab, [{"row": 48, "column": 48, "stride": 3}], "0")
        press(lab, "ArrowUp", "Shift+ArrowRight")
        wait_for(lab, row=45, column=57)


def test_probe_stays_on_the_image(lab):
    start(lab)
    tab_to(lab, "DIV", "Image")
    press(lab, *["Shift+ArrowUp"] * 20, *["Shift+ArrowRight"] * 20)
    wait_for(lab, row=0, column=127)


def test_brackets_rotate_by_5_degrees_but_not_while_typing(lab):
    start(lab)
    tab_to(lab, "select-one", "Image")
    press(lab, "]", "]", "[", "[", "[")
    wait_for(lab, orientation=175)
    press(lab, "]")
    wait_for(lab, orientation=0)
    tab_to(lab, "range", "Orientation")
    press(lab, "]")
    wait_for(lab, orientation=5)
    press(lab, "Tab", "]")
    drawn(lab)
    wait_for(lab, orientation=5)
    start(lab)
    press(lab, "]")
    drawn(lab)
    wait_for(lab, orientation=5)


def test_every_control_works_with_the_keyboard(lab):
    start(lab)

    def step(key, before, kind, name):
        tab_to(lab, kind, name)
        press(lab, "Space" if kind == "checkbox" else "ArrowUp")
        lab.wait_for_function(
            f"([key, value]) => {LAB}.xp.getState()[key] !== value",
            arg=[key, before],
            timeout=3000,
        )
        drawn(lab)

    usual = state_of(lab)
    gabor = {
        "orientation": "Orientation", "wavelength": "Wavelength", "phase": "Phase", "sigma": "σ",
        "stride": "Stride",
    }  # fmt: skip
    for key, name in gabor.items():
        step(key, usual[key], "range", name)
        step(key, state_of(lab)[key], "text", name)
    step("rectified", False, "checkbox", "Rectified")
    tab_to(lab, "SUMMARY", "More settings")
    press(lab, "Enter")
    for key, name in {"size": "Size", "aspect": "Aspect"}.items():
        tab_to(lab, "range", name)
        press(lab, "ArrowLeft")
        drawn(lab)
        assert state_of(lab)[key] < usual[key]
    step("zeroMean", True, "checkbox", "Zero mean")
    step("row", usual["row"], "range", "Row")
    step("column", usual["column"], "text", "Column")
    start(lab)
    tab_to(lab, "select-one", "Image")
    press(lab, "e")
    wait_for(lab, image="edge")
    press(lab, "Tab", "d")
    wait_for(lab, family="difference")
    drawn(lab)
    step("off", False, "checkbox", "OFF")
    difference = {
        "sigmaCenter": "σ of the centre",
        "sigmaSurround": "σ of the surround",
        "balance": "Balance",
    }
    for key, name in difference.items():
        step(key, usual[key], "range", name)


def test_weights_can_be_edited_with_the_keyboard(lab):
    start(lab)
    tab_to(lab, "select-one", "Filter")
    press(lab, "y")
    wait_for(lab, family="custom")
    tab_to(lab, "TD", "row 0, column 0: −1")
    press(lab, "ArrowDown", "ArrowRight", "Enter")
    lab.keyboard.type("3.5")
    press(lab, "Enter")
    wait_for(lab, family="custom")
    lab.wait_for_function(f"{LAB}.xp.getState().weights[1][1] === 3.5")
    drawn(lab)
    press(lab, "7", "Escape")
    assert focused(lab) == ["TD", "row 1, column 1: 3.5"]
    tab_to(lab, "button", "Laplacian")
    press(lab, "Enter")
    lab.wait_for_function(f"{LAB}.xp.getState().weights[1][1] === -4")


def test_own_weights_keep_their_middle_in_another_size(lab):
    weights = [[y * 7 + x for x in range(7)] for y in range(7)]
    small = [[y * 0.1 for _ in range(7)] for y in range(7)]
    shrunk = models(lab, [{"side": "3", "weights": small}], "xp.getState().weights")[0]
    assert shrunk == [[pytest.approx(y * 0.1)] * 3 for y in range(2, 5)]
    grown = models(lab, [{"side": "5"}], "xp.getState().weights")[0]
    assert [row[1:4] for row in grown[1:4]] == shrunk
    assert grown[0] == [0] * 5
    clipped = models(lab, [{"side": "7", "weights": weights}], "xp.getState().weights")[0]
    assert clipped[6][6] == 10


# Descriptions ----


def test_accessibility_tree_has_the_content(lab):
    models(lab, [{"image": "edge", "column": 64, "stride": 2}], "0")
    tree = lab.locator("#filter-lab .xp").aria_snapshot()
    for part in [
        'group "Interactive figure Fig. 3.',
        'img "Image: edge, 128 × 128, from −0.5 to 0.5"',
        'img "Response, 64 × 64, from −',
        'img "Kernel, 21 × 21, from −0.6146 to 0.9868"',
        'img "Patch, 21 × 21, from −0.5 to 0.5"',
        'img "Products, 21 × 21, from −',
        'img "Orientation tuning, wavelength 8 pixels. Response amplitude from 0 to 24.6532. ',
        'img "Across the bars (middle row at orientation 0). Weights from −0.6146 to 0.9868."',
        'application "Image: the arrow keys move the probe"',
        'application "Response: the arrow keys move the probe"',
        'slider "Orientation": "0"',
        'spinbutton "Orientation (degrees; 0 is vertical, positive is clockwise)": "0"',
        'combobox "Filter"',
        "- status",
    ]:
        assert part in tree, f"{part} is not in\n{tree}"


def test_status_has_the_numbers(lab):
    models(lab, [{"orientation": 30, "row": 20, "column": 64, "rectified": True}], "0")
    status = lab.locator("#filter-lab [role=status]")
    status.get_by_text("at 30°").wait_for()
    [shown] = models(lab, [{}], "[m.total, m.value, Math.max(...m.response.data), m.reached[1]]")
    total, value, least, most, *amplitude = numbers(status.inner_text())
    assert [total, value, most, amplitude[0]] == pytest.approx(shown, abs=1e-4)
    assert [least, amplitude[1]] == [0, 30]


def test_status_explains_the_rounding_of_typed_numbers(lab):
    phase = lab.get_by_label("Phase (degrees; 90 is π/2)")
    phase.fill("-12")
    phase.blur()
    words = "Phase goes from −180 to 180 in steps of 5; it is −10 now."
    lab.locator("#filter-lab [role=status]").get_by_text(words).wait_for()


@pytest.mark.parametrize("typed", ["11", "-10.5", "x"])
def test_invalid_weight_changes_nothing_and_is_explained(typed, lab):
    [before] = models(lab, [{"family": "custom"}], "xp.getState().weights")
    lab.locator("#filter-lab .xp-grid td").first.click()
    lab.keyboard.type(typed)
    press(lab, "Enter")
    words = "Weights must be from −10 to 10. Nothing has changed."
    lab.locator("#filter-lab [role=status]").get_by_text(words).wait_for()
    assert state_of(lab)["weights"] == before


def test_scale_of_rectified_responses_begins_at_0(lab):
    ends = '[...place.querySelectorAll(".filter-scale span")].map((end) => end.textContent)'
    states = [{"rectified": False}, {"rectified": True}]
    signed, rectified = (numbers(" ".join(found)) for found in models(lab, states, ends))
    assert [*map(np.sign, signed)] == [-1, 1] * 5
    assert [*map(np.sign, rectified)] == [-1, 1, 0, 1, *[-1, 1] * 3]  # the second is the response's


def test_labels_of_scales_do_not_overlap_on_a_phone(new_page, site):
    page = new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{site}/book/pytorch-layers.html")
    page.wait_for_function(f"() => {PHOTOGRAPH}")
    small = {"family": "difference", "sigmaCenter": 3, "sigmaSurround": 4, "size": 21}
    for state in [{"family": "difference"}, small]:
        gaps = models(
            page,
            [state],
            """[...place.querySelectorAll(".filter-scale")].map((scale) => {
                const range = scale.getBoundingClientRect();
                const ends = [...scale.children].map((end) => end.getBoundingClientRect());
                const [low, high] = ends.filter(({ width }) => width);
                if (!high) return Math.min(low.left - range.left, range.right - low.right);
                return Math.min(high.left - low.right, 4 + range.right - high.right);
            })""",
        )[0]
        assert len(gaps) == 5
        assert min(gaps) > 3
