from base64 import b64decode
from io import BytesIO

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle
from numpy.testing import assert_array_equal
from PIL import Image, ImageSequence

from convtools import (
    ConvolutionalLayer,
    filters,
    grating,
    plot_example_activations,
    plot_weights,
    plotting,
    receptive_field,
    show_stimulus,
)
from convtools.plotting import (
    Animation,
    animate_sliding_sum,
    book_style,
    plot_banks,
    plot_bars,
    plot_cone,
    plot_curves,
    plot_images,
    plot_mosaic,
    plot_network,
    plot_points,
    plot_receptive_fields,
    plot_responses,
    plot_sliding_sum,
    plot_tuning,
)

RNG = np.random.default_rng(3)
IMAGE = RNG.uniform(-0.5, 0.5, (4, 6))
WEIGHTS = RNG.standard_normal((5, 3, 3))
STIMULI, ACT = RNG.uniform(-0.5, 0.5, (2, 4, 6)), RNG.standard_normal((2, 5, 4, 6))
# The largest absolute value is negative, so that a scale is not symmetric by chance.
IMAGE[0, 0], WEIGHTS[4, 0, 0], ACT[0, 2, 0, 0] = -0.5, -9, -9

# Dumoulin & Visin 2016, Figures 1.1 and 1.2
X = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]

DRAW = {
    "animate_sliding_sum": lambda: animate_sliding_sum([[1, 2]], [[1]]),
    "book_style": book_style,
    "plot_cone": lambda: plot_cone({"a": (3, 1), "b": (2, 2)}),
    "plot_mosaic": lambda: plot_mosaic([[0, 0], [0, 1]], 0.5),
    "plot_network": lambda: plot_network({"image": (3, 8, 8), "layer": (16, 4, 4)}),
    "plot_receptive_fields": lambda: plot_receptive_fields(IMAGE, {"a": 1, "b": 3}),
    "plot_banks": lambda: plot_banks({"a": WEIGHTS, "b": WEIGHTS[0]}, columns=2),
    "plot_bars": lambda: plot_bars({"a": 1, "b": 300}, xlabel="parameters", log=True),
    "plot_curves": lambda: plot_curves([0, 1], {"a": [0, 1], "b": [1, 0]}, xlabel="x", ylabel="y"),
    "plot_points": lambda: plot_points(
        {"a": [[1, 2], [2, 3]], "b": [[2, 1]]},
        xlabel="x",
        ylabel="y",
        counts=[[0, 3], [1, 2]],
        edges=[0.5, 1.5, 4],
        log=True,
    ),
    "plot_example_activations": lambda: plot_example_activations(STIMULI, ACT, channels=[0, 1]),
    "plot_responses": lambda: plot_responses(
        {"a": IMAGE, "b": IMAGE}, [0, 1], {"cell": [1, 0]}, xlabel="x", ylabel="y", ticks=[0, 1]
    ),
    "plot_tuning": lambda: plot_tuning(
        {"a": IMAGE, "b": -IMAGE}, [0, 1], {"a": [1, 0], "b": [0, 1]}, xlabel="x", ylabel="y"
    ),
    "plot_sliding_sum": lambda: plot_sliding_sum(X, KERNEL),
    "plot_weights": lambda: plot_weights(WEIGHTS, channels=range(5)),
    "plot_images": lambda: plot_images({"a": IMAGE, "b": IMAGE}, signed=True),
    "show_stimulus": lambda: show_stimulus(IMAGE),
}


@pytest.fixture(autouse=True)
def _own_style_and_never_shown(monkeypatch):
    def shown(*_, **__):
        raise AssertionError("a figure was shown")

    monkeypatch.setattr(plt, "show", shown)
    monkeypatch.setattr(Figure, "show", shown)
    with plt.style.context("default", after_reset=True):
        yield


def drawn(ax):
    """Return the numbers of the only image on the Axes."""
    (image,) = ax.images
    return np.asarray(image.get_array())


def limits(ax):
    return ax.images[0].get_clim()


def color_of(ax, value):
    return ax.images[0].to_rgba(value)[:3]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def colorbar_labels(figure):
    bars = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
    return [bar.get_xlabel() or bar.get_ylabel() for bar in bars]


# All functions -------------------------------------------------------------------------------


def test_every_plotting_function_is_tested():
    assert set(plotting.__all__) - {"Animation"} <= set(DRAW)


@pytest.mark.parametrize("style", ["default", "convtools.book"])
@pytest.mark.parametrize("name", DRAW)
def test_every_function_draws_without_showing_or_warning(name, style):
    plt.style.use(style)
    DRAW[name]()
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: plot_cone({"a": (3, 1)}, ax),
        lambda ax: plot_mosaic([[0, 0]], 1, ax),
        lambda ax: plot_network({"image": (1, 8, 8)}, ax),
        lambda ax: plot_receptive_fields(IMAGE, {"a": 1}, ax),
        lambda ax: plot_bars({"a": 1}, xlabel="x", ax=ax),
        lambda ax: plot_curves([0], {"a": [0]}, xlabel="x", ylabel="y", ax=ax),
        lambda ax: plot_points({"a": [[0, 1]]}, xlabel="x", ylabel="y", ax=ax),
        lambda ax: show_stimulus(IMAGE, ax),
    ],
)
def test_given_or_current_axes_are_drawn_on_and_returned(draw):
    _, (left, right) = plt.subplots(1, 2)
    assert draw(left) is left
    assert not right.has_data()
    assert draw(None) is right


def test_book_style_sets_the_style_of_the_book():
    book_style()
    assert plt.rcParams["figure.constrained_layout.use"]
    assert plt.rcParams["figure.figsize"] == [4.8, 3.0]
    assert plt.rcParams["lines.linewidth"] == 2
    assert plt.rcParams["image.interpolation"] == "none"


def test_book_style_draws_in_the_colours_of_the_palette():
    book_style()
    assert mpl.colors.to_hex("C0") == "#0072b2"


# Stimuli -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "img",
    [IMAGE, IMAGE[None], IMAGE.tolist(), torch.tensor(IMAGE, requires_grad=True)],
    ids=["(H, W)", "(1, H, W)", "list", "tensor with gradients"],
)
def test_stimulus_is_drawn_unchanged(img):
    ax = show_stimulus(img)
    assert_array_equal(drawn(ax), IMAGE)
    assert ax.images[0].get_extent() == [-0.5, 5.5, 3.5, -0.5]
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


def test_stimulus_is_white_at_one_half_and_black_at_minus_one_half():
    ax = show_stimulus(0.1 * grating(0))
    assert color_of(ax, 0.5) == (1, 1, 1)
    assert color_of(ax, -0.5) == (0, 0, 0)


# Weights -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weights",
    [WEIGHTS, WEIGHTS[:, None], torch.tensor(WEIGHTS, requires_grad=True)],
    ids=["(n, K, K)", "(n, 1, K, K)", "tensor with gradients"],
)
def test_weights_are_drawn_in_the_order_of_the_channels(weights):
    axes = plot_weights(weights, channels=[4, 0])
    assert axes.shape == (2,)
    assert [ax.get_title() for ax in axes] == ["channel 4", "channel 0"]
    assert_array_equal(drawn(axes[0]), WEIGHTS[4])
    assert_array_equal(drawn(axes[1]), WEIGHTS[0])


def test_weights_of_the_first_channel_are_drawn_by_default():
    (ax,) = plot_weights(ConvolutionalLayer(filters=filters()).conv.weight)
    assert_array_equal(drawn(ax), filters()[0, 0])


def test_weights_have_one_scale_symmetric_around_zero():
    axes = plot_weights(WEIGHTS, channels=[0, 1])
    most = np.abs(WEIGHTS).max()
    assert [limits(ax) for ax in axes] == [(-most, most)] * 2
    assert colorbar_labels(axes[0].figure) == ["weight"]


def test_positive_weights_are_red_negative_ones_blue():
    (ax,) = plot_weights(WEIGHTS)
    red, _, blue = color_of(ax, limits(ax)[1])
    assert red > 2 * blue
    red, _, blue = color_of(ax, limits(ax)[0])
    assert blue > 2 * red


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_panels_without_a_channel_are_removed(n):
    axes = plot_weights(WEIGHTS, channels=range(n))
    assert len(axes[0].figure.axes) == n + 1  # with the colour bar


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot_weights(np.zeros((1, 3, 3)))[0],
        lambda: plot_example_activations(IMAGE, np.zeros((1, 4, 6)))[1, 0],
        lambda: plot_images({"zero": np.zeros((4, 6))}, signed=True)[0],
    ],
    ids=["weights", "activations", "images"],
)
def test_zero_has_its_colour_if_all_values_are_zero(draw):
    (ax,) = plot_weights(WEIGHTS)
    assert color_of(draw(), 0.0) == color_of(ax, 0.0)


# Activations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stimuli", "act"),
    [
        (STIMULI, ACT),
        (STIMULI[:, None], ACT),
        (torch.tensor(STIMULI), torch.tensor(ACT, requires_grad=True)),
        (STIMULI[0], ACT[:1]),
        (STIMULI[0], ACT[0]),
        (STIMULI[:1], ACT[0]),
        (STIMULI[:1, None], ACT[:1]),
    ],
    ids=[
        "(n, H, W)", "(n, 1, H, W)", "tensor with gradients",
        "(H, W)", "(H, W) and (C, H, W)", "(1, H, W) and (C, H, W)", "(1, 1, H, W)",
    ],
)  # fmt: skip
def test_stimuli_are_above_their_activations(stimuli, act):
    axes = plot_example_activations(stimuli, act, channels=[3, 1])
    n = axes.shape[1]
    assert axes.shape == (3, 1 if len(act) == 5 else len(act))
    for column in range(n):
        assert_array_equal(drawn(axes[0, column]), STIMULI[column])
        assert_array_equal(drawn(axes[1, column]), ACT[column, 3])
        assert_array_equal(drawn(axes[2, column]), ACT[column, 1])


def test_activations_have_one_scale_symmetric_around_zero():
    axes = plot_example_activations(STIMULI, ACT, channels=[0, 2])
    most = np.abs(ACT[:, [0, 2]]).max()
    assert {limits(ax) for ax in axes[1:].flat} == {(-most, most)}
    assert {limits(ax) for ax in axes[0]} == {(-0.5, 0.5)}
    assert colorbar_labels(axes[0, 0].figure) == ["activation"]


def test_rows_of_activations_are_labelled():
    axes = plot_example_activations(STIMULI, ACT, channels=[3, 1])
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["stimulus", "ch. 3", "ch. 1"]


def test_activations_of_the_first_channel_are_drawn_by_default():
    axes = plot_example_activations(STIMULI, ACT)
    assert axes.shape == (2, 2)
    assert_array_equal(drawn(axes[1, 1]), ACT[1, 0])


# Images with titles --------------------------------------------------------------------------


def test_images_are_drawn_in_grey_from_minimum_to_maximum():
    axes = plot_images({"dim": 0.1 * IMAGE, "bright": torch.tensor(IMAGE)})
    assert axes.shape == (2,)
    assert [ax.get_title() for ax in axes] == ["dim", "bright"]
    assert_array_equal(drawn(axes[1]), IMAGE)
    for ax, scale in zip(axes, (0.1, 1), strict=True):
        assert limits(ax) == pytest.approx((scale * IMAGE.min(), scale * IMAGE.max()))
        assert color_of(ax, limits(ax)[1]) == (1, 1, 1)
    assert colorbar_labels(axes[0].figure) == []


def test_signed_images_have_one_scale_symmetric_around_zero():
    axes = plot_images({"dim": 0.1 * IMAGE, "bright": IMAGE}, signed=True)
    most = np.abs(IMAGE).max()
    assert [limits(ax) for ax in axes] == [(-most, most)] * 2
    assert len(colorbar_labels(axes[0].figure)) == 1


@pytest.mark.parametrize(("columns", "rows"), [(1, 3), (2, 2), (3, 1), (9, 1)])
def test_images_are_in_the_given_number_of_columns(columns, rows):
    axes = plot_images(dict.fromkeys("abc", IMAGE), columns=columns)
    assert axes[0].get_gridspec().get_geometry() == (rows, min(columns, 3))
    assert len(axes[0].figure.axes) == 3


@pytest.mark.parametrize("bank", [WEIGHTS, WEIGHTS[:, None], torch.from_numpy(WEIGHTS)])
def test_banks_are_tiled_row_by_row_each_kernel_on_its_own_scale(bank):
    first, second = plot_banks({"five": bank, "one": 7 * np.eye(3)}, columns=3)
    assert [first.get_title(loc="left"), second.get_title(loc="left")] == ["five", "one"]
    image = drawn(first)
    assert image.shape == (7, 11)  # 2 × 3 kernels of 3 × 3, and gaps
    assert_array_equal(image[:3, 4:7], WEIGHTS[1] / np.abs(WEIGHTS[1]).max())
    assert_array_equal(image[4:, 4:7], WEIGHTS[4] / 9)
    assert np.isnan([*image[3], *image[:, 3], *image[4:, 8:].ravel()]).all()
    assert_array_equal(drawn(second)[:3, :3], np.eye(3))
    assert limits(first) == limits(second) == (-1, 1)


def test_kernel_of_zeros_can_be_drawn_in_a_bank():
    [ax] = plot_banks({"zero": np.zeros((3, 3))}, columns=1)
    assert_array_equal(drawn(ax), np.zeros((3, 3)))


# The sliding sum -----------------------------------------------------------------------------


def cells(ax):
    """Return the numbers and colours of a grid on an Axes by (row, column)."""
    numbers = {
        (int(text.get_position()[1]), int(text.get_position()[0])): float(text.get_text())
        for text in ax.texts
    }
    colors = {(patch.get_y(), patch.get_x()): patch.get_facecolor()[:3] for patch in ax.patches}
    return numbers, colors


def marked(ax):
    _, colors = cells(ax)
    return sorted(place for place, color in colors.items() if color == to_rgb("#FFD27F"))


def written_sum(step, **options):
    lines = plot_sliding_sum(X, KERNEL, step=step, **options)[0].figure.get_suptitle()
    return " ".join(lines.split())


def test_sum_is_written_out():
    assert written_sum(0) == (
        "3·0 + 3·1 + 2·2 + 0·2 + 0·2 + 1·0 + 3·0 + 1·1 + 2·2 = 12"  # not 3·2: no flip
    )


@pytest.mark.parametrize(
    ("options", "output"),
    [
        ({}, [12, 12, 17, 10, 17, 19, 9, 6, 14]),
        ({"stride": 2, "padding": 1}, [6, 17, 3, 8, 17, 13, 6, 4, 4]),
    ],
    ids=["valid", "stride 2, padding 1"],
)
def test_every_written_sum_is_right(options, output):
    for step, expected in enumerate(output):
        terms, total = written_sum(step, **options).split(" = ")
        factors = [map(int, term.split("·")) for term in terms.split(" + ")]
        assert sum(a * b for a, b in factors) == int(total) == expected


def test_output_is_filled_up_to_the_current_step():
    _, _, output = plot_sliding_sum(X, KERNEL, step=4)
    numbers, colors = cells(output)
    assert numbers == {(0, 0): 12, (0, 1): 12, (0, 2): 17, (1, 0): 10, (1, 1): 17}
    assert marked(output) == [(1, 1)]
    assert len(colors) == 9


def test_input_and_kernel_show_all_their_numbers():
    image, kernel, output = plot_sliding_sum(X, KERNEL)
    assert [ax.get_title() for ax in (image, kernel, output)] == ["input", "kernel", "output"]
    assert cells(image)[0] == dict(np.ndenumerate(X))
    assert cells(kernel)[0] == dict(np.ndenumerate(KERNEL))


def test_input_is_marked_at_the_position_of_the_kernel():
    image, _, _ = plot_sliding_sum(X, KERNEL, stride=2, step=1)
    assert marked(image) == [(row, column) for row in (0, 1, 2) for column in (2, 3, 4)]


def test_added_zeros_are_grey():
    image, _, _ = plot_sliding_sum(X, KERNEL, padding=1, step=-1)
    numbers, colors = cells(image)
    assert len(numbers) == 49
    frame = {place for place in colors if {0, 6} & set(place)}
    grey = {place for place, color in colors.items() if color == to_rgb("#E6E6E6")}
    assert grey == frame - set(marked(image))
    assert sum(numbers[place] for place in frame) == 0


def test_step_may_be_counted_from_the_end():
    assert written_sum(-1) == written_sum(8)


def test_sum_of_many_terms_is_not_written_out():
    figure = plot_sliding_sum(np.ones((4, 4)), np.ones((4, 4)))[0].figure
    assert figure.get_suptitle() == ""


def test_sliding_sum_accepts_tensors_with_gradients():
    weights = torch.tensor([[1.0, 2.0]], requires_grad=True)
    axes = plot_sliding_sum(weights, weights)
    assert axes[0].figure.get_suptitle() == "1·1 + 2·2 = 5"


def frames_of(animation):
    with Image.open(BytesIO(animation.gif)) as gif:
        assert (gif.format, gif.info["loop"]) == ("GIF", 0)
        return [
            (frame.info["duration"], np.array(frame.convert("RGB"), float))
            for frame in ImageSequence.Iterator(gif)
        ]


def test_animation_has_a_frame_for_each_step_that_shows_the_step():
    image, kernel = [[1, 2, 3], [4, 5, 6]], [[1, 1]]
    frames = frames_of(animate_sliding_sum(image, kernel, seconds=0.4))
    assert [duration for duration, _ in frames] == [400] * 4
    for step, (_, pixels) in enumerate(frames):
        figure = plot_sliding_sum(image, kernel, step=step)[0].figure
        figure.set_dpi(2 * 96)
        figure.canvas.draw()
        still = np.asarray(figure.canvas.buffer_rgba())[..., :3]
        assert pixels.shape == still.shape
        distances = [np.abs(other - still).mean() for _, other in frames]
        assert np.argmin(distances) == step


def test_animation_uses_stride_and_padding():
    assert len(frames_of(animate_sliding_sum(np.eye(3), np.eye(2), stride=3, padding=1))) == 4


def test_animation_leaves_no_figure_open():
    animate_sliding_sum([[1, 2]], [[1]])
    assert plt.get_fignums() == []


def test_jupyter_receives_the_gif():
    bundle = Animation(b"GIF89a")._repr_mimebundle_(include=None, exclude=None)
    assert {kind: b64decode(data) for kind, data in bundle.items()} == {"image/gif": b"GIF89a"}


# Curves and bars -----------------------------------------------------------------------------


def test_curves_are_drawn_over_x_with_labels_and_legend():
    ax = plot_curves(
        [0, 2], {"up": [1, 3], "down": torch.tensor([3.0, 1.0])}, xlabel="phase", ylabel="rate"
    )
    assert [line.get_xydata().tolist() for line in ax.lines] == [
        [[0, 1], [2, 3]],
        [[0, 3], [2, 1]],
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("phase", "rate")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["up", "down"]


def test_curves_differ_in_dash_and_colour():
    ax = plot_curves([0, 1], {name: [0, 1] for name in "abcd"}, xlabel="x", ylabel="y")
    assert len({line.get_linestyle() for line in ax.lines}) == 4
    assert len({line.get_color() for line in ax.lines}) == 4


def test_one_curve_needs_no_legend():
    ax = plot_curves([0, 1], {"only": [0, 1]}, xlabel="x", ylabel="y")
    assert ax.get_legend() is None


def test_curves_can_have_logarithmic_axes():
    ax = plot_curves([1, 10], {"power": [100, 1]}, xlabel="x", ylabel="y", log=True)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def tick_labels(axis):
    axis.figure.canvas.draw()
    low, high = axis.get_view_interval()
    ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
    return [tick.label1.get_text() for tick in ticks if low <= tick.get_loc() <= high]


def test_short_logarithmic_axes_have_plain_numbers():
    ax = plot_curves([0.02, 0.3], {"power": [1e4, 1]}, xlabel="x", ylabel="y", log=True)
    assert [label for label in tick_labels(ax.xaxis) if label] == ["0.02", "0.05", "0.1", "0.2"]
    assert "$\\mathdefault{10^{2}}$" in tick_labels(ax.yaxis)


def test_points_are_drawn_on_top_of_curves_and_named_in_the_legend():
    ax = plot_curves(
        [0, 2], {"loss": [1, 3]}, points={"steps": [[0, 1], [1, 2], [2, 3]]}, xlabel="x", ylabel="y"
    )
    assert ax.lines[1].get_xydata().tolist() == [[0, 1], [1, 2], [2, 3]]
    assert (ax.lines[1].get_linestyle(), ax.lines[1].get_marker()) == ("None", "o")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss", "steps"]


def test_points_must_be_positive_on_logarithmic_axes():
    with pytest.raises(ValueError, match=r"`points\['steps'\]` must be positive .*, got 0"):
        plot_curves(
            [1, 2], {"a": [1, 2]}, points={"steps": [[1, 0]]}, xlabel="x", ylabel="y", log=True
        )


@pytest.mark.parametrize(
    ("x", "curve", "name"), [([0, 1], [1, 1], "x"), ([1, 2], [1, 0], "curves")]
)
def test_logarithmic_axes_need_positive_numbers(x, curve, name):
    with pytest.raises(ValueError, match=f"`{name}.* must be positive on a log axis, got 0"):
        plot_curves(x, {"power": curve}, xlabel="x", ylabel="y", log=True)


def test_points_are_drawn_where_they_are_and_differ_in_colour_and_shape():
    ax = plot_points(
        {"a": [[1, 2], [3, 4]], "b": torch.tensor([[5.0, 6.0]])}, xlabel="width", ylabel="height"
    )
    first, second = ax.collections
    assert first.get_offsets().tolist() == [[1, 2], [3, 4]]
    assert second.get_offsets().tolist() == [[5, 6]]
    assert not np.allclose(first.get_facecolor(), second.get_facecolor())
    assert first.get_paths()[0].vertices.shape != second.get_paths()[0].vertices.shape
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("width", "height", "linear")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


def test_histogram_behind_points_has_its_rows_along_x():
    counts = [[0, 3], [1, 2]]
    ax = plot_points(
        {"a": [[1, 1]]}, xlabel="x", ylabel="y", counts=counts, edges=[0.5, 1, 4], log=True
    )
    squares = ax.collections[0]
    corners = squares.get_coordinates()
    assert_array_equal(corners[0, :, 0], [0.5, 1, 4])
    assert_array_equal(corners[:, 0, 1], [0.5, 1, 4])
    shown = squares.get_array()  # rows of a mesh go upwards
    assert_array_equal(shown.filled(0), np.transpose(counts))
    assert shown.mask.sum() == 1
    assert squares.to_rgba(3)[0] < squares.to_rgba(1)[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_legend() is None


@pytest.mark.parametrize(
    ("points", "edges", "name"), [([[0, 1]], [1, 2], "points"), ([[1, 1]], [0, 2], "edges")]
)
def test_points_on_logarithmic_axes_are_positive(points, edges, name):
    with pytest.raises(ValueError, match=f"`{name}.* must be positive on a log axis, got 0"):
        plot_points({"a": points}, xlabel="x", ylabel="y", counts=[[1]], edges=edges, log=True)


def test_responses_are_drawn_below_their_stimuli():
    *stimuli, below = plot_responses(
        {"first": IMAGE, "second": -IMAGE}, [0, 2], {"cell": [1, 3]},
        xlabel="x", ylabel="y", ticks=[0, 1, 2],
    )  # fmt: skip
    assert [ax.get_title() for ax in stimuli] == ["first", "second"]
    assert_array_equal(drawn(stimuli[1]), -IMAGE)
    assert {limits(ax) for ax in stimuli} == {(-0.5, 0.5)}
    assert below.lines[0].get_xydata().tolist() == [[0, 1], [2, 3]]
    assert below.get_xticks().tolist() == [0, 1, 2]


def test_kernels_have_one_scale_and_their_curves_share_axes():
    axes = plot_tuning(
        {"a": WEIGHTS[0], "b": WEIGHTS[4]}, [0, 1], {"a": [1, 2], "b": [5, 4]},
        xlabel="x", ylabel="y", ticks=[0, 1],
    )  # fmt: skip
    assert [limits(ax) for ax in axes[:, 0]] == [(-9, 9), (-9, 9)]
    assert_array_equal(drawn(axes[1, 0]), WEIGHTS[4])
    assert [ax.lines[0].get_ydata().tolist() for ax in axes[:, 1]] == [[1, 2], [5, 4]]
    assert axes[0, 1].get_ylim() == axes[1, 1].get_ylim()
    assert axes[0, 1].get_ylim()[0] <= 0


def test_bars_are_as_long_as_their_values_from_the_top_down():
    ax = plot_bars({"a": 3, "b": 1.5}, xlabel="F1/F0")
    assert [bar.get_width() for bar in ax.patches] == [3, 1.5]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert ax.yaxis_inverted()
    assert (ax.get_xlabel(), ax.get_xscale()) == ("F1/F0", "linear")


def test_bars_show_whole_numbers_in_full_and_others_rounded():
    ax = plot_bars({"a": 56_641_536, "b": np.pi / 2}, xlabel="x", log=True)
    assert texts(ax) == ["56,641,536", "1.571"]
    assert ax.get_xscale() == "log"


# Diagrams ------------------------------------------------------------------------------------


@pytest.mark.parametrize("image", [IMAGE, np.zeros((5, 9)), torch.zeros(8, 8, requires_grad=True)])
def test_receptive_fields_are_outlined_around_the_centre_of_the_image(image):
    ax = plot_receptive_fields(image, {"layer 1": 3, "layer 2": 4})
    left, right, bottom, top = ax.images[0].get_extent()
    fields = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert [(field.get_width(), field.get_height()) for field in fields] == [(3, 3), (4, 4)]
    for field in fields:
        assert field.get_center() == pytest.approx([(left + right) / 2, (bottom + top) / 2])
        assert not field.get_fill()


def test_receptive_field_of_odd_size_covers_whole_pixels_of_an_odd_image():
    (field,) = plot_receptive_fields(np.zeros((9, 9)), {"a": 3}).patches
    assert field.get_xy() == (2.5, 2.5)  # pixel 3 begins there


@pytest.mark.parametrize(
    "windows", [[(3, 1)], [(3, 1), (2, 2), (3, 1)], [(3, 2), (5, 1)], [(1, 3)]]
)
def test_cone_has_the_receptive_field_of_one_unit_in_its_lowest_row(windows):
    ax = plot_cone({f"layer {i}": window for i, window in enumerate(windows)})
    rows = [line for line in ax.lines if line.get_marker() == "o"]
    field = receptive_field([(size, stride, 0) for size, stride in windows])
    assert_array_equal(rows[0].get_xdata(), np.arange(field.size))
    assert_array_equal(rows[-1].get_xdata(), [(field.size - 1) / 2])
    assert [int(label.get_text().split(": ")[1]) for label in ax.get_yticklabels()] == [
        len(row.get_xdata()) for row in rows
    ]


def test_units_of_a_cone_are_spaced_by_their_jump_and_connected_to_their_inputs():
    ax = plot_cone({"pooling": (2, 2), "convolution": (3, 1)})
    pixels, pools, top = (line for line in ax.lines if line.get_marker() == "o")
    assert_array_equal(pools.get_xdata(), [0.5, 2.5, 4.5])
    joints = {tuple(line.get_xdata()) for line in ax.lines if line.get_marker() != "o"}
    assert {(0.0, 0.5), (1.0, 0.5), (2.0, 2.5), (0.5, 2.5), (4.5, 2.5)} <= joints
    assert len(joints) == 2 * 3 + 3
    assert len(pixels.get_xdata()) == 6
    assert len(top.get_xdata()) == 1


def test_receptive_fields_are_labelled_with_their_sizes_in_their_colours():
    ax = plot_receptive_fields(IMAGE, {"layer 1": 1, "layer 2": 3})
    (legend,) = ax.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["layer 1: 1", "layer 2: 3"]
    colors = [to_rgb(line.get_color()) for line in legend.get_lines()]
    assert colors == [patch.get_edgecolor()[:3] for patch in ax.patches]
    assert len(set(colors)) == 2


def test_outlined_image_is_a_stimulus():
    ax = plot_receptive_fields(IMAGE, {"a": 1})
    assert_array_equal(drawn(ax), IMAGE)
    assert color_of(ax, 0.5) == (1, 1, 1)


def test_network_is_labelled_with_names_and_shapes():
    ax = plot_network({"image": (3, 224, 200), "convolution": (64, 55, 49)})
    assert texts(ax) == ["image", "3 × 224 × 200", "convolution", "64 × 55 × 49"]


def test_blocks_of_a_network_follow_each_other_downwards_with_their_sizes():
    ax = plot_network({"a": (1, 8, 8), "b": (4, 4, 4), "c": (16, 2, 2)})
    assert [block.get_width() for block in ax.patches] == [8, 4, 2]
    heights = [block.get_height() for block in ax.patches]
    assert heights == sorted(set(heights))  # more channels, taller
    tops = [block.get_y() for block in ax.patches]
    assert all(top + height < below for top, height, below in zip(tops, heights, tops[1:]))  # noqa: B905
    assert ax.yaxis_inverted()


def test_mosaic_has_a_circle_for_each_cell():
    ax = plot_mosaic([[0, 0], [2, 1]], radius=0.7)
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    assert [circle.center for circle in circles] == [(0, 0), (1, 2)]  # x, y of row, column
    assert {circle.radius for circle in circles} == {0.7}
    assert ax.get_aspect() == 1


def test_rows_of_a_mosaic_run_downwards_also_with_a_second_mosaic():
    ax = plot_mosaic([[0, 0]], radius=1)
    assert ax.yaxis_inverted()
    plot_mosaic([[1, 1]], radius=1, ax=ax)
    assert ax.yaxis_inverted()


# Numbers and legends -------------------------------------------------------------------------


def test_negative_numbers_are_written_with_a_minus_and_in_brackets():
    axes = plot_sliding_sum([[1.0, -2.0]], [[-0.123456, 3.0]])
    assert axes[0].figure.get_suptitle() == "1·(−0.123) + (−2)·3 = −6.12"


def test_whole_numbers_are_written_in_full():
    image = [[255, 254, 0], [253, 255, 1], [250, 251, 2]]
    axes = plot_sliding_sum(image, [[1, 2], [3, 4]])
    assert axes[0].figure.get_suptitle() == "255·1 + 254·2 + 253·3 + 255·4 = 2542"


@pytest.mark.parametrize("largest", [255, 10**6])
def test_numbers_fit_into_their_cells(largest):
    axes = plot_sliding_sum(np.full((5, 5), largest), np.full((3, 3), -largest))
    figure = axes[0].figure
    figure.draw_without_rendering()
    for ax in axes:
        cells = [cell.get_window_extent().width for cell in ax.patches]
        texts = [text.get_window_extent().width for text in ax.texts]
        assert texts
        assert max(texts) <= min(cells)


@pytest.mark.parametrize(("level", "shown"), [(-0.5, 0), (0, 0.5), (0.25, 0.75), (0.5, 1), (7, 1)])
def test_uniform_image_has_its_grey_level(level, shown):
    [axes] = plot_images({"uniform": np.full((4, 6), level)})
    [image] = axes.images
    assert image.norm(level) == shown


def test_each_axes_of_a_figure_has_a_legend():
    first, second = plt.figure().subplots(2)
    for ax, names in ((first, "ab"), (second, "cd")):
        plot_curves([0, 1], {n: [0, 1] for n in names}, xlabel="x", ylabel="y", ax=ax)
    assert [text.get_text() for text in second.get_legend().get_texts()] == ["c", "d"]


def test_error_has_the_key_of_a_wrong_item():
    with pytest.raises(ValueError, match=r"`images\['b'\]` must have .*, got \(2, 4, 6\)"):
        plot_images({"a": IMAGE, "b": STIMULI})


def test_one_kernel_is_drawn_without_an_axis_of_channels():
    (ax,) = plot_weights(WEIGHTS[2])
    assert_array_equal(drawn(ax), WEIGHTS[2])


def test_stimulus_is_shown_on_request(monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    ax = show_stimulus(IMAGE, show=True)
    assert shown == [ax.figure]
