"""The convolution stepper agrees with PyTorch, and its page and code show the same numbers."""

import ast
import random
import re

import numpy as np
import pytest
import torch
from torch.nn.functional import conv2d, pad, relu

from helpers.browser_pages import drawn, output_of

MODES = ["zeros", "reflect", "replicate", "circular"]
GUIDE = [[12, 12, 17], [10, 17, 19], [9, 6, 14]]  # Dumoulin & Visin, figure 1.1

# The functions that the stepper passes to XP.explorable.
PARTS = """async () => {
  const { explorable } = XP;
  XP.explorable = (name, parts) => { window.stepper = parts; };
  const script = document.createElement("script");
  script.src = document.querySelector("script[src*='stepper.js']").src;
  document.head.append(script);
  await new Promise((loaded) => { script.onload = loaded; });
  XP.explorable = explorable;
}"""
# Computes the results for each state.
COMPUTE = """(states) => states.map((given) => {
  const plain = ({ height, width, data }) => ({ shape: [height, width], data: [...data] });
  const state = stepper.clean(given);
  const model = stepper.compute(state);
  const { problem = "", shape, chosen, fields, parameters } = model;
  const all = { state, problem, shape, fields, parameters, code: stepper.torch(state, model) };
  return problem ? all : {
    ...all,
    cell: chosen.value,
    output: model.layers.at(-1).output.map(plain),
    influence: chosen.influence.map(plain),
    summary: stepper.summary(state, model),
  };
})"""
# Reads the numbers on the page for each state.
SHOW = """(states) => {
  const place = document.querySelector("#stepper");
  const seen = (what) => [...place.querySelectorAll(what)].filter((it) => it.checkVisibility());
  const rows = (table) => [...table.rows].map((row) => [...row.cells].map((td) => td.textContent));
  return states.map((state) => {
    place.xp.setState(state);
    return {
      shown: seen("[aria-label^='Output channel']").map(rows),
      sums: seen(".xp-sum").map((part) => [...part.children].map((line) => line.textContent)),
      facts: seen("p").map((line) => line.textContent),
    };
  });
}"""


@pytest.fixture(autouse=True)
def one_thread():
    """Use one thread, because small convolutions are slower on many."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def stepper(page, site):
    """The page with the stepper, whose functions are available as `stepper`."""
    page.goto(f"{site}/book/why-cnns.html")
    page.locator("#stepper .xp").wait_for()
    page.evaluate(PARTS)
    return page


def compute(page, states):
    return page.evaluate(COMPUTE, states)


def show(page, *states):
    """Return the computed and the displayed numbers."""
    pairs = zip(compute(page, states), page.evaluate(SHOW, states), strict=True)
    return [computed | shown for computed, shown in pairs]


def nested(chance, shape, number):
    if not shape:
        return number(chance)
    return [nested(chance, shape[1:], number) for _ in range(shape[0])]


def whole(chance):
    return chance.randint(-9, 9)


def decimal(chance):
    return round(chance.uniform(-9, 9), 4)


def positive(chance):
    return chance.randint(1, 9)


def random_layer(chance, c_in, number, **fixed):
    def any_pair(name, low, high):  # prefer small ones, so that most stacks are possible
        return {f"{name}{way}": chance.randint(low, chance.randint(low, high)) for way in (0, 1)}

    layer = {
        **any_pair("size", 1, 5),
        **any_pair("stride", 1, 4),
        **any_pair("padding", 0, 4),
        **any_pair("dilation", 1, 3),
        "mode": chance.choice(MODES),
        "outputs": chance.randint(1, 3),
        **{name: chance.random() < 0.5 for name in ("bias", "relu", "flipped")},
        "kernel": "own",
        **fixed,
    }
    shape = [layer["outputs"], c_in, layer["size0"], layer["size1"]]
    layer["weights"] = nested(chance, shape, number)
    layer["biases"] = nested(chance, shape[:1], number)
    return layer


def random_state(seed, number=whole, depth=None, **fixed):
    chance = random.Random(seed)
    depth = depth or chance.randint(1, 3)
    shape = [chance.randint(1, 3), chance.randint(3, 12), chance.randint(3, 12)]
    layers, c_in = [], shape[0]
    for _ in range(depth):
        layers.append(random_layer(chance, c_in, number, **fixed))
        c_in = layers[-1]["outputs"]
    return {
        **dict(zip(("channels", "height", "width"), shape, strict=True)),
        "image": "own",
        "pixels": nested(chance, shape, number),
        "layers": layers,
        "layer": depth,
        "cell": [chance.randint(0, 2), chance.randint(0, 12), chance.randint(0, 12)],
    }


def forward(image, state):
    """Return the outputs of PyTorch for an image."""
    x = image[None]
    for layer in state["layers"][: state["layer"]]:
        weight = torch.tensor(layer["weights"], dtype=torch.float64)
        if layer["flipped"]:
            weight = weight.flip(-2, -1)
        bias = torch.tensor(layer["biases"], dtype=torch.float64) if layer["bias"] else None
        rows, columns = layer["padding0"], layer["padding1"]
        mode = {"zeros": "constant"}.get(layer["mode"], layer["mode"])
        x = pad(x, (columns, columns, rows, rows), mode=mode)
        strides = (layer["stride0"], layer["stride1"])
        x = conv2d(x, weight, bias, strides, dilation=(layer["dilation0"], layer["dilation1"]))
        x = relu(x) if layer["relu"] else x
    return x[0]


def reference(state):
    """Return PyTorch's outputs and the gradient of the chosen entry, or None if it raises."""
    image = torch.tensor(state["pixels"], dtype=torch.float64, requires_grad=True)
    try:
        output = forward(image, state)
    except RuntimeError:
        return None
    output[tuple(state["cell"])].backward()
    return output.detach().numpy(), image.grad.numpy()


def array(channels):
    return np.stack([np.reshape(one["data"], one["shape"]) for one in channels])


def numbers(text):
    return [
        float(number) for number in re.findall(r"-?\d[\d.]*(?:e-?\d+)?", text.replace("−", "-"))
    ]


def test_first_state_is_the_example_of_the_chapter(stepper):
    (found,) = show(stepper, {})
    assert found["shown"] == [[[str(number) for number in row] for row in GUIDE]]
    assert found["sums"] == [
        [
            "Input channel 0: 3·0 + 3·1 + 2·2 + 0·2 + 0·2 + 1·0 + 3·0 + 1·1 + 2·2 = 12",
            "Result: output channel 0, row 0, column 0 = 12",
            "It depends on 6 of 25 pixels of the image.",
        ]
    ]


@pytest.mark.parametrize(("number", "count"), [(whole, 300), (decimal, 100)])
def test_output_agrees_with_pytorch(number, count, stepper):
    """In shape and numbers, and in which settings are rejected."""
    possible, worst = 0, 0
    for found in compute(stepper, [random_state(seed, number) for seed in range(count)]):
        expected = reference(found["state"])
        assert bool(found["problem"]) == (expected is None), found
        if expected is None:
            continue
        possible += 1
        output = array(found["output"])
        assert list(output.shape) == found["shape"] == list(expected[0].shape)
        error = np.abs(output - expected[0]).max()
        worst = max(worst, error / max(1, np.abs(expected[0]).max()))
        if number is whole:
            assert error == 0, found["state"]
    assert worst <= 1e-12
    assert possible >= 0.7 * count


def test_page_shows_the_computed_numbers(stepper):
    states = [random_state(seed, number) for seed in range(25) for number in (whole, decimal)]
    for found in show(stepper, *states):
        shown = [[numbers(" ".join(row)) for row in table] for table in found["shown"]]
        if found["problem"]:
            assert shown == []
            continue
        expected = array(found["output"])
        assert np.shape(shown) == expected.shape
        assert np.allclose(shown, expected, rtol=6e-4, atol=1e-8)
        whole_ones = expected == np.round(expected)
        assert (np.array(shown)[whole_ones] == expected[whole_ones]).all()


def test_printed_terms_add_up(stepper):
    states = [
        {**random_state(seed, number), "pinned": [0, 0, 0]}
        for seed in range(60)
        for number in (whole, decimal)
    ]
    checked = 0
    for found in show(stepper, *states):
        if found["problem"]:
            continue
        cells = [found["cell"]]
        if found["state"]["cell"] != [0, 0, 0]:
            cells.append(array(found["output"])[0, 0, 0])
        layer = found["state"]["layers"][found["state"]["layer"] - 1]
        for lines, cell in zip(found["sums"], cells, strict=True):
            text = "\n".join(lines)
            total = 0
            for channel in re.findall(r"Input channel \d: (.*) = (.*)", text):
                products = re.findall(r"([^ ]+)·([^ ]+)", channel[0])
                assert len(products) == layer["size0"] * layer["size1"]
                partial = sum(numbers(a)[0] * numbers(b)[0] for a, b in products)
                assert partial == pytest.approx(numbers(channel[1])[0], rel=1e-7, abs=1e-5)
                total += numbers(channel[1])[0]
            for bias in re.findall(r"([^ ]+) \(bias\)", text):
                total += numbers(bias)[0]
            assert ("(bias)" in text) == layer["bias"]
            result = max(0, total) if layer["relu"] else total
            printed = numbers(re.search(r"Result: .* = (.*)", text)[1])[0]
            assert printed == pytest.approx(result, rel=1e-8, abs=1e-5)
            assert printed == pytest.approx(cell, rel=1e-9, abs=1e-7)
            checked += 1
    assert checked >= 100


def test_padding_is_in_brackets(stepper):
    layer = {"padding0": 1, "padding1": 1, "kernel": "digits", "mode": "reflect"}
    (found,) = show(stepper, {"layers": [layer], "cell": [0, 0, 0]})
    assert "[0]·1 + [0]·2 + [0]·3 + [3]·4 + 3·5 + 3·6 + [0]·7 + 0·8 + 0·9" in found["sums"][0][0]


def test_traced_receptive_field_is_the_support_of_the_gradient(stepper):
    checked = 0
    for found in compute(stepper, [random_state(seed) for seed in range(200)]):
        if found["problem"]:
            continue
        _, gradient = reference(found["state"])
        influence = array(found["influence"])
        assert influence.shape == gradient.shape
        assert (influence == gradient).all()
        checked += 1
    assert checked > 100


def test_sum_shows_the_number_of_pixels_it_depends_on(stepper):
    checked = 0
    for found in show(stepper, *[random_state(seed) for seed in range(40)]):
        if found["problem"]:
            continue
        _, gradient = reference(found["state"])
        used = f"It depends on {(gradient != 0).sum()} of {gradient.size} pixels of the image."
        assert used in found["sums"][0]
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("dilated", [True, False])
def test_traced_receptive_field_is_within_the_computed_box(dilated, stepper):
    """It fills the box if kernels have no gaps, and later layers get no input from padding."""
    gaps = {} if dilated else {"dilation0": 1, "dilation1": 1, "stride0": 1, "stride1": 1}
    simple = {"mode": "zeros", "relu": False, **gaps}
    checked = 0
    states = [random_state(seed, positive, **simple) for seed in range(120)]
    for layer in [] if dilated else [layer for state in states for layer in state["layers"][1:]]:
        layer.update(padding0=0, padding1=0)
    for found in compute(stepper, states):
        if found["problem"]:
            continue
        influence = array(found["influence"])
        box = np.zeros(influence.shape[1:], dtype=bool)
        (top, bottom), (left, right) = (
            (start := i * field["stride"] - field["padding"], start + field["size"])
            for field, i in zip(found["fields"], found["state"]["cell"][1:], strict=True)
        )
        box[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
        for channel in influence:
            assert not (channel[~box]).any()
            assert dilated or (channel[box] > 0).all()
        checked += 1
    assert checked > 50


def test_parameters_agree_with_pytorch(stepper):
    for found in show(stepper, *[random_state(seed) for seed in range(30)]):
        if found["problem"]:
            continue
        state = found["state"]
        layer = state["layers"][state["layer"] - 1]
        before = {**state, "layer": state["layer"] - 1}
        shape = list(forward(torch.tensor(state["pixels"], dtype=torch.float64), before).shape)
        sizes = layer["size0"], layer["size1"]
        conv = torch.nn.Conv2d(shape[0], layer["outputs"], sizes, bias=layer["bias"])
        places = np.prod(found["shape"])
        shared = sum(numbers.numel() for numbers in conv.parameters())
        dense = places * (np.prod(shape) + layer["bias"])
        assert found["parameters"] == [shared, shared // layer["outputs"] * places, dense]
        assert f"biases: {shared:,}. Locally connected" in " ".join(found["facts"])


def test_code_prints_the_numbers_shown(stepper):
    states = [random_state(seed, number) for seed in range(20) for number in (whole, decimal)]
    ran = 0
    for found in compute(stepper, states):
        if found["problem"]:
            with pytest.raises(RuntimeError):
                output_of(found["code"])
            continue
        printed = output_of(found["code"])
        tensors = re.findall(r"tensor\((.*?),\s*dtype=torch.float64\)", printed, re.S)
        output, gradient = (np.array(ast.literal_eval(text)) for text in tensors)
        expected = array(found["output"])
        assert output.shape == expected.shape
        assert np.allclose(output, expected, rtol=1e-7, atol=1e-7)
        assert np.allclose(gradient, array(found["influence"]), rtol=1e-7, atol=1e-7)
        cell = re.search(r"^[-\d.e]+$", printed, re.M)[0]
        assert float(cell) == pytest.approx(found["cell"], rel=1e-9, abs=1e-9)
        assert len(found["code"].splitlines()) <= 25
        ran += 1
    assert ran >= 20
    torch.set_printoptions(profile="default")


IMPOSSIBLE = {
    "A kernel that spans 9 rows does not fit into 7 rows. Make it smaller, or add padding.": [
        {"size0": 5, "dilation0": 2, "padding0": 1}
    ],
    "A kernel that spans 7 columns does not fit into 5 columns. Make it smaller, or add padding.": [
        {"dilation1": 3}
    ],
    "A padding of 3 rows is too large: for 3 rows, reflect allows 2. "
    "Make it smaller, or choose zeros.": [{}, {"mode": "reflect", "padding0": 3}],
    "Layer 1: A kernel that spans 7 rows does not fit into 5 rows. "
    "Make it smaller, or add padding.": [{"dilation0": 3}, {}],
}


@pytest.mark.parametrize("message", IMPOSSIBLE)
def test_impossible_setting_is_explained(message, stepper):
    layers = IMPOSSIBLE[message]
    (found,) = show(stepper, {"layers": layers, "layer": len(layers)})
    assert found["problem"] == message
    assert stepper.locator("#stepper .xp-problem").inner_text() == message
    status = stepper.locator("#stepper [role=status]")
    status.get_by_text(message).wait_for()
    assert stepper.locator("#stepper").inner_text().count("—") == 0
    assert stepper.get_by_role("grid", name="Kernel of input channel 0").is_visible()
    (found,) = show(stepper, {"layers": [], "layer": 1})
    assert found["shown"], "and back"


def test_rows_skipped_by_the_stride_are_hatched(stepper):
    layer = {"stride0": 4, "stride1": 2}
    (found,) = show(stepper, {"height": 6, "width": 6, "layers": [layer]})
    unused = stepper.get_by_role("grid", name="Input channel 0", exact=True).locator("td.xp-unused")
    assert unused.count() == 3 * 6 + 3 * 1
    assert unused.first.get_attribute("aria-label").startswith("row 0, column 5: 3, unused")
    rows, columns = (line for line in found["facts"] if line.endswith(" of the input."))
    assert rows.endswith(" = 1. Never used: rows 3, 4, 5 of the input.")
    assert columns.endswith(" = 2. Never used: column 5 of the input.")


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("mode", MODES)
def test_column_is_unused_if_no_sum_has_its_pixels(mode, stride, stepper):
    """Padding is not a column of the input, but may repeat one."""
    layers = [{"stride1": stride, "padding1": n, "size1": 2, "mode": mode} for n in range(5)]
    for found in show(stepper, *[{"width": 6, "layers": [layer]} for layer in layers]):
        (layer,) = found["state"]["layers"]
        frame = (layer["padding1"], layer["padding1"])
        how = {"value": -1} if mode == "zeros" else {"mode": mode}
        seen = pad(torch.arange(6.0)[None, None], frame, **how).unfold(2, 2, stride)
        missed = [n for n in range(6) if n not in seen]
        words = f"column{'s' * (len(missed) > 1)} {', '.join(map(str, missed))} of the input."
        (line,) = (line for line in found["facts"] if line.startswith("Output columns"))
        assert line.partition(" Never used: ")[2] == (words if missed else "")


def marked(page, grid, kind):
    """Return the positions of the entries with a mark, as (row, column)."""
    return page.get_by_role("grid", name=grid, exact=True).evaluate(
        """(table, kind) => [...table.querySelectorAll("." + kind)]
             .map((td) => [td.parentNode.rowIndex, td.cellIndex])""",
        kind,
    )


def cell(page, grid, row, column):
    return (
        page.get_by_role("grid", name=grid, exact=True)
        .locator("tr")
        .nth(row)
        .locator("td")
        .nth(column)
    )


def point_at(page, *where):
    """Point at an entry with the mouse, then with the focus."""
    for way in ("hover", "focus"):
        page.mouse.move(0, 0)
        getattr(cell(page, *where), way)()
        drawn(page)
        yield
        cell(page, *where).blur()


def test_input_shows_the_outputs_that_use_it(stepper):
    show(stepper, {"layers": [{"stride0": 2, "stride1": 2}]})
    for _ in point_at(stepper, "Input channel 0", 0, 2):
        assert marked(stepper, "Output channel 0", "xp-linked") == [[0, 0], [0, 1]]
    label = cell(stepper, "Input channel 0", 0, 2).get_attribute("aria-label")
    assert label == "row 0, column 2: 2, patch, in 2 sums"


def test_weight_shows_the_pixel_that_it_multiplies(stepper):
    for flipped, met in [(False, [2, 4]), (True, [0, 0])]:
        show(stepper, {"layers": [{"dilation1": 2, "flipped": flipped}]})
        for _ in point_at(stepper, "Kernel of input channel 0", 2, 2):
            assert marked(stepper, "Input channel 0", "xp-linked") == [met]


def test_output_shows_its_patch_and_its_sum(stepper):
    show(stepper, {"layers": [{"dilation0": 2}]})
    for _ in point_at(stepper, "Output channel 0", 0, 1):
        assert marked(stepper, "Input channel 0", "xp-patch") == [
            [row, column] for row in (0, 2, 4) for column in (1, 2, 3)
        ]
        result = stepper.locator("#stepper .xp-sum").first.inner_text()
        assert "Result: output channel 0, row 0, column 1 = " in result
        show(stepper, {"cell": [0, 0, 0]})


def test_pointer_does_not_change_the_kernel_that_is_edited(stepper):
    show(stepper, {"layers": [{"outputs": 2}]})
    cell(stepper, "Kernel of input channel 0", 0, 0).click()
    cell(stepper, "Output channel 1", 1, 1).hover()
    assert state(stepper, "cell") == [0, 0, 0]
    stepper.keyboard.type("6")
    stepper.keyboard.press("Enter")
    assert [kernel[0][0][0] for kernel in state(stepper, "layers")[0]["weights"]] == [6, 2]


def test_receptive_field_is_shown_in_the_image(stepper):
    layer = {"stride0": 2, "padding0": 1, "kernel": "impulse"}
    stepper.locator("#stepper summary", has_text="Receptive field").click()
    (found,) = show(stepper, {"layers": [layer], "cell": [0, 2, 1]})
    text = " ".join(found["facts"])
    assert "Size: 3 × 3 pixels (2 × 3 of them in the image), for output" in text
    assert "Its first pixel is row 3, column 1." in text
    assert "Jump: 2 down, 1 across," in text
    assert "Start: row −1, column 0," in text
    grid = "Influence of image channel 0"
    assert marked(stepper, grid, "xp-field") == [[y, x] for y in (3, 4) for x in (1, 2, 3)]
    assert marked(stepper, grid, "xp-used") == [[4, 2]]
    assert cell(stepper, grid, 4, 2).inner_text() == "1"


def test_mark_disappears_when_the_pointer_leaves(stepper):
    cell(stepper, "Input channel 0", 2, 2).hover()
    drawn(stepper)
    assert len(marked(stepper, "Output channel 0", "xp-linked")) == 9
    stepper.mouse.move(0, 0)
    drawn(stepper)
    assert marked(stepper, "Output channel 0", "xp-linked") == []


def state(page, key):
    return page.evaluate("(key) => document.querySelector('#stepper').xp.getState()[key]", key)


def presses(page, *keys):
    for key in keys:
        page.keyboard.press(key)
        drawn(page)


def tab_to(page, name):
    """Press Tab until the focus is on an element with this name, or in a grid with this name."""
    focused = """() => {
      const it = document.activeElement;
      const label = it.closest("label")?.textContent ?? "";
      const grid = it.closest("[role=grid]")?.getAttribute("aria-label") ?? "";
      return [it.getAttribute("aria-label"), grid, label.trim(), it.textContent.trim(),
              it.labels?.[0]?.textContent ?? ""];
    }"""
    for _ in range(90):
        if any((part or "").startswith(name) for part in page.evaluate(focused)):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not get to {name!r}")


@pytest.fixture
def keys_only(stepper):
    """The page, with the focus on the number before the first one of the stepper."""
    stepper.locator("#stepper").evaluate(
        """(place) => {
             const start = place.previousElementSibling;
             start.tabIndex = 0;
             start.focus();
           }"""
    )
    return stepper


def test_keys_edit_a_pixel_and_a_weight(keys_only):
    tab_to(keys_only, "Input channel 0")
    presses(keys_only, "ArrowRight", "ArrowDown", "Enter", "5", "Enter")
    assert state(keys_only, "pixels")[0][1][1] == 5
    assert cell(keys_only, "Output channel 0", 0, 0).inner_text() == "22"
    presses(keys_only, "7", "Escape")
    assert state(keys_only, "pixels")[0][1][1] == 5
    tab_to(keys_only, "Kernel of input")
    presses(keys_only, "-", "4", "Enter")
    assert state(keys_only, "layers")[0]["weights"][0][0][0][0] == -4
    assert cell(keys_only, "Output channel 0", 0, 0).inner_text() == "10"
    assert "3·(−4)" in keys_only.locator("#stepper .xp-sum").first.inner_text()


def test_keys_edit_a_bias(keys_only):
    show(keys_only, {"layers": [{"bias": True}]})
    tab_to(keys_only, "Bias of")
    presses(keys_only, "Enter", "8", "Enter")
    assert "12 + 8 (bias) = 20" in keys_only.locator("#stepper .xp-sum").first.inner_text()


def test_pixel_of_a_later_layer_is_not_edited(keys_only):
    show(keys_only, {"layer": 2})
    tab_to(keys_only, "Input channel 0")
    presses(keys_only, "ArrowRight", "ArrowDown", "5")
    assert keys_only.locator("#stepper .xp-grid input").count() == 0


def test_keys_step_and_pin(keys_only):
    tab_to(keys_only, "Output channel 0")
    presses(keys_only, "ArrowDown", "Enter", "n", "n")
    assert state(keys_only, "cell") == [0, 1, 2]
    assert state(keys_only, "pinned") == [0, 1, 0]
    keys_only.locator("#stepper [role=status]").get_by_text("is 19.").wait_for()
    assert marked(keys_only, "Output channel 0", "xp-pinned") == [[1, 0]]
    pinned = keys_only.locator("#stepper .xp-sum").nth(1)
    assert "row 1, column 0 = 10" in pinned.inner_text()
    presses(keys_only, "p", "p", "Enter", "n")
    assert state(keys_only, "pinned") is None
    assert pinned.is_hidden()
    assert state(keys_only, "cell") == [0, 1, 1]
    tab_to(keys_only, "Step back")
    presses(keys_only, "Enter")
    assert state(keys_only, "cell") == [0, 1, 0]
    presses(keys_only, "End", "Home")
    assert state(keys_only, "cell") == [0, 1, 0], "on a button these belong to the page"


def test_focus_in_an_output_follows_the_step(keys_only):
    show(keys_only, {"layers": [{"outputs": 2}], "cell": [0, 2, 2]})
    tab_to(keys_only, "Output channel 0")
    focused = "document.activeElement.closest('table')?.ariaLabel"
    presses(keys_only, "End", "ArrowDown", "ArrowDown", "n")
    assert state(keys_only, "cell") == [1, 0, 0]
    assert keys_only.evaluate(focused) == "Output channel 1"
    assert keys_only.evaluate("document.activeElement.ariaLabel").startswith("row 0, column 0")
    tab_to(keys_only, "Step back")
    presses(keys_only, "n")
    assert state(keys_only, "cell") == [1, 0, 1]
    assert keys_only.evaluate("document.activeElement.textContent") == "Step back"


@pytest.mark.parametrize(
    ("typed", "now"), [("100", 99), ("-1e9", -99), ("x", 3), ("1e999", 3), ("7", 7), ("2,5", 2.5)]
)
def test_invalid_input_is_reported(typed, now, own_page, site):
    stepper = own_page()
    stepper.clock.install()
    stepper.goto(f"{site}/book/why-cnns.html")
    status = stepper.locator("#stepper [role=status]")
    status.get_by_text("is 12.").wait_for()
    cell(stepper, "Input channel 0", 0, 0).click()
    stepper.keyboard.type(typed)
    stepper.keyboard.press("Enter")
    assert state(stepper, "pixels")[0][0][0] == now
    stepper.clock.fast_forward(1000)
    message = f"Numbers must be from −99 to 99; changed to {now}.".replace("to -", "to −")
    allowed = typed in ("7", "2,5")
    assert (message in status.inner_text()) == (not allowed)


def test_entry_keeps_its_width_while_it_is_edited(stepper):
    show(stepper, {"image": "own", "pixels": [[[-12.3456]]]})
    for column in (0, 4):
        at = cell(stepper, "Input channel 0", 0, column)
        before = at.bounding_box()["width"]
        at.click()
        assert at.locator("input").is_visible()
        assert at.bounding_box()["width"] == before
        stepper.keyboard.press("Escape")


def test_titles_describe_the_input(stepper):
    title = stepper.locator("#stepper .xp-title").first
    show(stepper, {"layers": [{"padding0": 2}]})
    assert title.inner_text().split("\n") == ["Input channel 0", "5 × 5, padded to 9 × 5"]
    show(stepper, {"layers": [], "layer": 2})
    assert title.inner_text().split("\n") == [
        "Input channel 0",
        "3 × 3, padded to 5 × 5, output of layer 1 (not editable)",
    ]


def test_grids_are_side_by_side(stepper):
    """Also with padding; on a phone they are one below the other, and fit its width."""
    show(stepper, {"layers": [{"padding0": 1, "padding1": 1}]})
    grids = stepper.locator("#stepper .xp-grids").locator("visible=true")
    stepper.set_viewport_size({"width": 1280, "height": 900})
    assert len({box["y"] for box in (grids.nth(i).bounding_box() for i in range(3))}) == 1
    stepper.set_viewport_size({"width": 360, "height": 900})
    assert grids.nth(2).bounding_box()["y"] > grids.nth(0).bounding_box()["y"] + 100
    assert stepper.evaluate("document.documentElement.scrollWidth") == 360


def test_rejected_padding_is_not_drawn(stepper):
    layer = {"mode": "reflect", "padding0": 4, "padding1": 1}
    show(stepper, {"height": 3, "layers": [layer]})
    grid = stepper.get_by_role("grid", name="Input channel 0", exact=True)
    assert grid.locator("td").count() == 3 * 5
    assert grid.locator(".xp-padding, .xp-unused").count() == 0


def test_rows_and_columns_are_numbered(stepper):
    """The style sheet counts them, from the start that the script sets."""
    show(stepper, {"layers": [{"padding0": 2, "padding1": 1}]})
    starts = stepper.locator("#stepper .xp-grids").evaluate_all(
        """(all) => all.map((grids) => ["table", "tr"].map((part) =>
             getComputedStyle(grids.querySelector(part)?.closest(part) ?? grids).counterReset))"""
    )
    assert starts[0] == ["xp-row -3", "xp-column -2"]
    assert starts[1] == ["xp-row -1", "xp-column -1"]


def test_home_and_end_go_to_the_first_and_last_step(keys_only):
    root = keys_only.locator("#stepper .xp")
    root.evaluate("(it) => { it.tabIndex = -1; it.focus(); }")
    presses(keys_only, "End")
    assert state(keys_only, "cell") == [0, 2, 2]
    presses(keys_only, "n")
    assert state(keys_only, "cell") == [0, 2, 2], "after the last there is none"
    presses(keys_only, "Home", "p")
    assert state(keys_only, "cell") == [0, 0, 0]
    tab_to(keys_only, "Output channel 0")
    presses(keys_only, "ArrowDown", "End")
    assert state(keys_only, "cell") == [0, 1, 2], "in a grid they stay in the row"
    tab_to(keys_only, "Step 6 of 9")
    presses(keys_only, "ArrowRight")
    assert state(keys_only, "cell") == [0, 2, 0]


def test_keys_do_nothing_outside_and_in_fields(keys_only):
    presses(keys_only, "n", "End", " ")
    assert state(keys_only, "cell") == [0, 0, 0]
    tab_to(keys_only, "Image")
    presses(keys_only, "n", "p")
    assert state(keys_only, "cell") == [0, 0, 0]
    tab_to(keys_only, "Layer 1: kernel size")
    presses(keys_only, "Control+n", "Alt+n", "Home")
    assert state(keys_only, "cell") == [0, 0, 0]


def test_space_plays_to_the_end_and_pauses(keys_only):
    page = keys_only
    show(page, {"speed": 8})
    play = page.get_by_role("button", name="Play")
    pause = page.get_by_role("button", name="Pause")
    tab_to(page, "Output channel 0")
    assert play.is_visible(), "nothing moves by itself"
    presses(page, " ")
    pause.wait_for()
    page.wait_for_function("() => document.querySelector('#stepper').xp.getState().cell[1] === 1")
    presses(page, " ")
    play.wait_for()
    before = state(page, "cell")
    drawn(page, frames=30)
    assert state(page, "cell") == before
    presses(page, " ")
    play.wait_for()
    page.wait_for_function("() => document.querySelector('#stepper').xp.getState().cell[2] === 2")
    assert state(page, "cell") == [0, 2, 2]


CONTROLS = {
    "Image": ("image", "impulse", "i"),
    "Layer shown": ("layer", 2, "2"),
    "Kernel": ("kernel", "laplacian", "La"),
    "Kernel height": ("size0", 2, "2"),
    "Kernel width": ("size1", 1, "1"),
    "Stride down": ("stride0", 3, "3"),
    "Stride across": ("stride1", 2, "2"),
    "Padding above": ("padding0", 3, "3"),
    "Padding left": ("padding1", 4, "4"),
    "Dilation down": ("dilation0", 2, "2"),
    "Dilation across": ("dilation1", 3, "3"),
    "Padding mode": ("mode", "circular", "c"),
    "Output channels": ("outputs", 3, "3"),
    "Bias": ("bias", True, " "),
    "ReLU": ("relu", True, " "),
    "Flipped": ("flipped", True, " "),
    "Image height": ("height", 12, "12"),
    "Image width": ("width", 9, "9"),
    "Input channels": ("channels", 2, "2"),
}
FOLDED = {
    "Kernel height": "Layer 2: kernel size, stride",
    "Output channels": "Layer 2: output channels, bias",
    "Image height": "Image size",
}


def test_keys_change_every_control(keys_only):
    tab_to(keys_only, "Image")
    for name, (key, value, typed) in CONTROLS.items():
        if name in FOLDED:
            tab_to(keys_only, FOLDED[name])
            presses(keys_only, "Enter")
        tab_to(keys_only, name)
        keys_only.keyboard.type(typed)
        drawn(keys_only)
        now = keys_only.evaluate(
            """() => {
                 const all = document.querySelector("#stepper").xp.getState();
                 return { ...all.layers[all.layer - 1], ...all };
               }"""
        )
        assert now[key] == value, name
    presses(keys_only, "Tab", "ArrowRight")
    assert state(keys_only, "speed") == 2


def test_screen_readers_get_the_content(stepper):
    show(stepper, {"layers": [{"padding0": 1}], "pinned": [0, 1, 1]})
    tree = stepper.locator("#stepper").aria_snapshot()
    for part in [
        'grid "Input channel 0"',
        'gridcell "row −1, column 0: 0, padding, patch, in 1 sums',
        'gridcell "row 0, column 0: 3, patch, in 2 sums',
        'grid "Kernel of input channel 0"',
        'gridcell "row 0, column 0: 0, multiplies 0, padding"',
        'grid "Output channel 0"',
        'gridcell "row 0, column 0: 14, chosen"',
        'gridcell "row 1, column 1: 12, pinned"',
        'slider "Step 1 of 15"',
        "Output rows: ⌊(5 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 5.",
        "Parameters without biases: 9.",
    ]:
        assert part in tree, tree


def test_preset_fills_an_image_of_any_size_and_keeps_edited_numbers(stepper):
    (found,) = show(stepper, {"image": "impulse", "height": 7, "width": 4})
    assert np.argwhere(found["state"]["pixels"]).tolist() == [[0, 3, 1]]
    own = {"image": "own", "pixels": [[[7, 8], [9]]], "height": 3, "width": 3}
    (found,) = show(stepper, own)
    assert found["state"]["pixels"] == [[[7, 8, 2], [9, 0, 1], [3, 1, 2]]]


def test_url_restores_the_state(stepper, site):
    (found,) = show(stepper, random_state(3))
    query = stepper.evaluate(
        """(state) => new URLSearchParams(Object.entries(state).map(([key, value]) =>
             [key, typeof value === "string" ? value : JSON.stringify(value)])).toString()""",
        found["state"],
    )
    stepper.goto("about:blank")
    stepper.goto(f"{site}/book/why-cnns.html#stepper?{query}")
    stepper.evaluate(PARTS)
    (again,) = show(stepper, {})
    assert again["shown"] == found["shown"]
    assert state(stepper, "layers") == found["state"]["layers"]
