"""Output sizes, receptive fields and parameter counts agree with publications and PyTorch."""

from itertools import pairwise
from math import ceil, prod

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convtools import (
    ComplexCells,
    ConvolutionalLayer,
    ReceptiveField,
    SimpleCells,
    conv_parameters,
    dense_parameters,
    output_size,
    receptive_field,
)

CONV3, POOL2 = (3, 1, 1), (2, 2, 0)
VGG16 = [*[CONV3] * 2, POOL2, *[CONV3] * 2, POOL2, *([CONV3] * 3 + [POOL2]) * 3]
POOL3 = (3, 2, 0)
ALEXNET_V2 = [(11, 4, 0), POOL3, (5, 1, 2), POOL3, *[CONV3] * 3, POOL3]


# Output sizes ----


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # the tutorial's layer, with 7 × 7 kernels for K = 5, and for K = 8 with padding K // 2
        ({"size": 48, "kernel_size": 7, "padding": 3}, 48),
        ({"size": 48, "kernel_size": 7, "padding": 2}, 46),
        ({"size": 64, "kernel_size": 7, "padding": 2}, 62),
        ({"size": 48, "kernel_size": 8, "padding": 4}, 49),
        ({"size": 64, "kernel_size": 8, "padding": 4}, 65),
        # a remainder is dropped, as in PyTorch
        ({"size": 6, "kernel_size": 3, "stride": 2}, 2),
    ],
)
def test_output_size_of_worked_examples(arguments, expected):
    assert output_size(**arguments) == expected


@given(
    size=st.integers(1, 30),
    kernel_size=st.integers(1, 9),
    stride=st.integers(1, 5),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 4),
)
def test_output_size_agrees_with_torch(size, kernel_size, **options):
    try:
        output = nn.functional.conv1d(
            torch.ones(1, 1, size), torch.ones(1, 1, kernel_size), **options
        )
    except RuntimeError:
        with pytest.raises(ValueError, match="`kernel_size` must fit into the padded image"):
            output_size(size, kernel_size, **options)
    else:
        assert output_size(size, kernel_size, **options) == output.shape[-1]


# Receptive fields ----


@pytest.mark.parametrize(
    ("layers", "expected"), [(VGG16, (212, 32, 90)), (ALEXNET_V2, (195, 32, 64))]
)
def test_receptive_fields_of_published_networks(layers, expected):
    # Araujo, Norris & Sim, Computing receptive fields (Distill 2019): after the last pooling
    assert receptive_field(layers) == expected


def test_modules_and_triples_agree():
    modules = []
    for kernel, stride, padding in VGG16:
        if (kernel, stride, padding) == POOL2:
            modules.append(nn.MaxPool2d(2))
        else:
            modules += [nn.Conv2d(1, 1, kernel, stride, padding), nn.BatchNorm2d(1), nn.ReLU()]
    assert receptive_field(modules) == receptive_field(VGG16)
    assert receptive_field([nn.Sequential(*modules[:9]), nn.Sequential(*modules[9:])]) == (
        receptive_field(VGG16)
    )


def test_nested_sequentials_are_unpacked_in_order():
    inner = nn.Sequential(nn.Conv2d(1, 1, 5, stride=2, padding=1), nn.Sequential(nn.MaxPool2d(3)))
    layers = [(3, 1, 1), nn.Sequential(inner, nn.AvgPool2d(2))]
    assert receptive_field(layers) == receptive_field([(3, 1, 1), (5, 2, 1), (3, 3, 0), (2, 2, 0)])


@pytest.mark.parametrize(
    ("module", "triple"),
    [
        (nn.Conv2d(1, 1, 3, dilation=4), (9, 1, 0)),
        (nn.Conv2d(1, 1, (3, 3), (2, 2), (1, 1)), (3, 2, 1)),
        (nn.Conv2d(1, 1, 4, padding="same"), (4, 1, 1)),
        (nn.Conv2d(1, 1, 3, padding="same", dilation=3), (7, 1, 3)),
        (nn.Conv2d(1, 1, 3, padding="valid"), (3, 1, 0)),
        (nn.MaxPool2d(3, stride=1, padding=1, dilation=2), (5, 1, 1)),
        (nn.AvgPool2d(4, padding=2), (4, 4, 2)),
        (nn.AvgPool2d([4, 4], [3, 3], [1, 1]), (4, 3, 1)),
        (nn.MaxPool2d([2, 2]), (2, 2, 0)),
        (ConvolutionalLayer(K=9), (9, 1, 4)),
        (SimpleCells(torch.ones(2, 5, 5)), (5, 1, 2)),
        (ComplexCells(torch.zeros(1, 2, 7, 7)), (7, 1, 3)),
    ],
)
def test_module_has_the_receptive_field_of_its_triple(module, triple):
    context = [(2, 2, 0), (3, 1, 1)]
    assert receptive_field([*context, module]) == receptive_field([*context, triple])


def test_layers_may_be_one_module_a_list_or_any_iterable():
    layers = [nn.Conv2d(1, 1, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    expected = receptive_field([CONV3, POOL2])
    for form in [layers, iter(layers), nn.Sequential(*layers), nn.ModuleList(layers)]:
        assert receptive_field(form) == expected
    assert receptive_field(layers[0]) == receptive_field([CONV3])


def test_module_may_have_lists_in_place_of_tuples():
    pool = nn.MaxPool2d([2, 2], stride=[2, 2])
    assert receptive_field([nn.Conv2d(1, 1, [3, 3], padding=[1, 1]), pool]) == (4, 2, 1)


@pytest.mark.parametrize("triple", [[3, 2, 1], ((3, 3), 2, [1, 1]), (np.int64(3), [2, 2], 1)])
def test_triple_may_be_a_list_and_contain_pairs(triple):
    assert receptive_field([triple, POOL2]) == receptive_field([(3, 2, 1), POOL2])


def test_error_names_the_wrong_part_of_a_network():
    with pytest.raises(ValueError, match=r"`stride of layers\[1\]` must be the same .*\(2, 1\)"):
        receptive_field([CONV3, nn.MaxPool2d(2, stride=[2, 1])])
    with pytest.raises(TypeError, match=r"`layers\[0\]\[1\]` must be .*, got a ConvTranspose2d"):
        receptive_field(nn.ModuleList([nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(1, 1, 2))]))


@pytest.mark.parametrize(
    "module",
    [
        nn.Identity(), nn.Dropout(), nn.Dropout2d(), nn.BatchNorm2d(3), nn.ReLU(), nn.ReLU6(),
        nn.LeakyReLU(), nn.ELU(), nn.GELU(), nn.SiLU(), nn.Softplus(), nn.Sigmoid(), nn.Tanh(),
        nn.SELU(), nn.CELU(), nn.Mish(), nn.PReLU(3), nn.RReLU(), nn.Hardswish(), nn.Hardsigmoid(),
        nn.Hardtanh(), nn.LogSigmoid(), nn.Softsign(), nn.Softshrink(), nn.Hardshrink(),
        nn.Tanhshrink(), nn.Threshold(0, 0), nn.Softmax2d(), nn.LocalResponseNorm(3),
        nn.AlphaDropout(), nn.ChannelShuffle(3),
        nn.Softmax(dim=1), nn.LogSoftmax(-3), nn.GLU(1), nn.SyncBatchNorm(3), nn.Dropout3d(),
    ],
)  # fmt: skip
def test_pointwise_modules_have_a_receptive_field_of_one_pixel(module):
    assert receptive_field([module]) == (1, 1, 0)
    assert receptive_field([CONV3, module, POOL2]) == receptive_field([CONV3, POOL2])


@st.composite
def a_layer(draw):
    """A convolution with positive weights or a pooling layer."""
    kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    padding, kind = draw(st.integers(0, kernel // 2)), draw(st.integers(0, 3))
    if kind == 0:
        return nn.AvgPool2d(kernel, stride, padding)
    dilation = draw(st.integers(1, 2))
    if kind == 1:
        return nn.MaxPool2d(kernel, stride, padding, dilation)
    padding = draw(st.sampled_from([padding, "valid", "same"]))
    stride = 1 if padding == "same" else stride
    layer = nn.Conv2d(1, 1, kernel, stride, padding, dilation, bias=False)
    nn.init.ones_(layer.weight)
    return layer


def first_unit_inside(field):
    """Return the first unit whose receptive field is within the image."""
    return ceil(field.padding / field.stride)


def assert_centred(field, unit, positions):
    assert positions.max() - positions.min() + 1 == field.size
    assert (positions.max() + positions.min()) / 2 == field.center(unit)


SIDE = 64
even_same = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


@even_same
@given(layers=st.lists(a_layer(), min_size=1, max_size=3))
def test_receptive_field_is_where_an_impulse_gives_a_response(layers):
    """With a bright row on black, to which positive weights and pooling always respond."""
    field = receptive_field(layers)
    unit = first_unit_inside(field)
    lines = torch.eye(SIDE)[:, None, :, None].expand(SIDE, 1, SIDE, SIDE)
    with torch.no_grad():
        answers = nn.Sequential(*layers)(lines)
    column = answers[:, 0, unit, answers.shape[-1] // 2]
    assert_centred(field, unit, column.numpy().nonzero()[0])


@even_same
@given(layers=st.lists(a_layer(), min_size=1, max_size=3))
def test_receptive_field_is_the_support_of_the_gradient(layers):
    # averages replace maxima, whose gradient has only one pixel
    stand_ins = [
        nn.Conv2d(1, 1, layer.kernel_size, layer.stride, layer.padding, layer.dilation, bias=False)
        if isinstance(layer, nn.MaxPool2d)
        else layer
        for layer in layers
    ]
    for layer in stand_ins:
        for weight in layer.parameters():
            nn.init.ones_(weight)
    field = receptive_field(layers)
    unit = first_unit_inside(field)
    image = torch.ones(1, 1, SIDE, SIDE, requires_grad=True)
    nn.Sequential(*stand_ins)(image)[0, 0, unit, unit].backward()
    for seen in image.grad[0, 0].nonzero().T:
        assert_centred(field, unit, seen)


def test_receptive_field_has_size_stride_and_padding():
    field = receptive_field([(7, 2, 3)])
    assert isinstance(field, ReceptiveField)
    assert (field.size, field.stride, field.padding) == (7, 2, 3)


@pytest.mark.parametrize(("index", "center"), [(0, 15.5), (1, 47.5), (6, 207.5)])
def test_centre_of_a_unit_of_vgg16(index, center):
    # −p + i·j + (r − 1)/2, Araujo, Norris & Sim (Distill 2019); −90 + 211/2 = 15.5
    assert receptive_field(VGG16).center(index) == center


# Numbers of parameters ----


def count(module):
    return sum(weights.numel() for weights in module.parameters())


@given(
    groups=st.integers(1, 4),
    per_group=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    kernel=st.one_of(st.integers(1, 9), st.tuples(st.integers(1, 9), st.integers(1, 9))),
    bias=st.booleans(),
)
def test_conv_parameters_agree_with_torch(groups, per_group, kernel, bias):
    c_in, c_out = (groups * channels for channels in per_group)
    layer = nn.Conv2d(c_in, c_out, kernel, bias=bias, groups=groups)
    assert conv_parameters(c_in, c_out, kernel, bias=bias, groups=groups) == count(layer)


@given(
    in_shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    out_shape=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    bias=st.booleans(),
)
def test_dense_parameters_agree_with_torch(in_shape, out_shape, bias):
    layer = nn.Linear(prod(in_shape), prod(out_shape), bias=bias)
    assert dense_parameters(in_shape, out_shape, bias=bias) == count(layer)


def test_parameters_of_the_tutorials_layer():
    assert conv_parameters(1, 6, 7) == 294 + 6 == count(ConvolutionalLayer())
    # one weight for each pixel and output channel, which is a layer of only six units
    assert dense_parameters((1, 48, 64), 6) == 18_432 + 6
    # a dense layer with the same number of outputs, and the ratio of the weights
    assert dense_parameters((1, 48, 64), (6, 48, 64)) == 56_623_104 + 18_432
    ratio = dense_parameters((1, 48, 64), (6, 48, 64), bias=False) / 294
    assert round(ratio) == 192_596
    # locally connected, with kernels that are not shared between positions
    assert 48 * 64 * conv_parameters(1, 6, 7, bias=False) == 903_168


def dense_stack(*sizes):
    return sum(dense_parameters(n, m) for n, m in pairwise(sizes))


def test_parameters_of_lenet5():
    # LeCun et al. 1998: 60,000. Each subsampling map learns a factor and a bias; the maps of C3
    # get input from 3, 4 or 6 of the 6 maps before; the weights of the last layer are fixed.
    layers = {
        "C1": conv_parameters(1, 6, 5),
        "S2": conv_parameters(6, 6, 1, groups=6),
        "C3": conv_parameters(3, 6, 5) + conv_parameters(4, 9, 5) + conv_parameters(6, 1, 5),
        "S4": conv_parameters(16, 16, 1, groups=16),
        "C5": conv_parameters(16, 120, 5),
        "F6": dense_parameters(120, 84),
    }
    assert list(layers.values()) == [156, 12, 1_516, 32, 48_120, 10_164]
    assert sum(layers.values()) == 60_000


def test_parameters_of_alexnet():
    # torchvision.models.alexnet
    layers = [(3, 64, 11), (64, 192, 5), (192, 384, 3), (384, 256, 3), (256, 256, 3)]
    convolutions = sum(conv_parameters(*layer) for layer in layers)
    assert convolutions + dense_stack(256 * 6 * 6, 4096, 4096, 1000) == 61_100_840


def test_parameters_of_vgg16():
    # torchvision.models.vgg16
    channels = [3, 64, 64, 128, 128, *[256] * 3, *[512] * 6]
    convolutions = sum(conv_parameters(*pair, 3) for pair in pairwise(channels))
    assert convolutions + dense_stack(512 * 7 * 7, 4096, 4096, 1000) == 138_357_544


# Modules whose receptive field is unknown ----


class AveragesFirst(nn.Sequential):
    """A Sequential with its own forward method."""

    def forward(self, images):
        return super().forward(nn.functional.avg_pool2d(images, 5))


class Named(nn.Conv2d):
    """A subclass of Conv2d with the same forward method."""


def test_module_with_its_own_forward_is_rejected():
    with pytest.raises(TypeError, match=r"`layers\[0\]` must be .*, got a AveragesFirst"):
        receptive_field([AveragesFirst(nn.Conv2d(1, 1, 3))])


@pytest.mark.parametrize(
    "module",
    [
        nn.GroupNorm(1, 4),
        nn.BatchNorm1d(4),
        nn.Softmax(dim=2),
        nn.BatchNorm2d(4, track_running_stats=False),
    ],
)
def test_unknown_module_is_rejected(module):
    name = type(module).__name__  # BatchNorm1d shares its forward with BatchNorm2d, which is known
    with pytest.raises(TypeError, match=rf"`layers\[1\]\[0\]` must be .*, got a {name}"):
        receptive_field([nn.ReLU(), nn.Sequential(module)])


def test_subclass_with_the_forward_of_its_parent_is_treated_like_it():
    assert receptive_field([Named(1, 1, 5, padding=2)]) == (5, 1, 2)


def test_network_with_its_own_forward_is_not_unpacked():
    with pytest.raises(TypeError, match=r"`layers` must be .*, got a AveragesFirst"):
        receptive_field(AveragesFirst(nn.Conv2d(1, 1, 3)))


def test_list_of_modules_may_contain_another():
    inner = nn.ModuleList([nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2)])
    assert receptive_field([inner, nn.ReLU()]) == receptive_field([CONV3, POOL2])


@pytest.mark.parametrize("layers", [{"conv": (3, 1, 1)}, nn.ModuleDict({"conv": nn.ReLU()})])
def test_mapping_of_layers_is_rejected(layers):
    with pytest.raises(TypeError, match="`layers` must be"):
        receptive_field(layers)
