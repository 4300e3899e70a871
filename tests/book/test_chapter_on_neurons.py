"""The results of the chapter on models of recorded neurons are what its text reports.

Its cells run once; the bounds leave room for other versions of the packages.
"""

import numpy as np
import pytest

import convtools
from convtools.data import NOISE
from helpers.sources import CELL, run


@pytest.fixture(scope="module")
def results(sources):
    """The names that the cells of the chapter define, all of them run."""
    names = {}
    for _, cell in CELL.findall(sources["book/neurons"]):
        run(cell, names)
    if names["source"] != "simulated":
        pytest.skip("these are recorded neurons")
    return names


@pytest.fixture(scope="module")
def signal_power():
    """The variances of the simulated neurons' tuning curves, before z-scoring."""
    rng = np.random.default_rng(0)
    preferred = rng.uniform(0, np.pi, 500)
    kappa, amplitude = (rng.lognormal(mean, 0.5, 500) for mean in (np.log(2), 0))
    theta = np.radians(np.arange(0, 360, 6))[:, None]
    return (amplitude * np.exp(kappa * (np.cos(2 * (theta - preferred)) - 1))).var(axis=0)


def test_covariance_of_a_simple_cell_has_one_small_eigenvalue(results):
    smallest, second, *_ = results["eigen"]["simple"][0]
    assert smallest == pytest.approx(-0.60, abs=0.02)
    assert second > -0.35


def test_covariance_of_a_complex_cell_has_two_large_eigenvalues(results):
    *_, third, second, first = results["eigen"]["complex"][0].tolist()
    assert [first, second, third] == pytest.approx([1.08, 1.03, 0.23], abs=0.02)
    assert results["share"].tolist() == pytest.approx([0.97, 0.97], abs=0.01)


@pytest.mark.parametrize(
    ("cell", "model", "low", "high"),
    [
        ("simple", "LN", 0.85, 0.95),
        ("simple", "energy", 0.05, 0.3),
        ("simple", "CNN", 0.9, 1),
        ("complex", "LN", -0.2, 0.05),
        ("complex", "energy", 0.97, 1),
        ("complex", "CNN", 0.97, 1),
    ],
)
def test_each_cell_is_predicted_by_the_model_of_its_kind_and_the_cnn(
    cell, model, low, high, results
):
    assert low < results["explained"](model, cell, 1000) < high


def test_unexplained_variance_falls_with_the_number_of_gratings(results):
    for curve in results["unexplained"].values():
        assert (np.diff(curve) < 0.001).all()
    assert results["unexplained"]["energy, complex"][0] < 0.1
    assert results["unexplained"]["LN, simple"][-1] > results["unexplained"]["CNN, simple"][-2]


def test_test_orientations_are_held_out_with_their_copies(results):
    shown, test = results["shown"], results["group"] == 2
    assert test.sum() == 20
    for image in shown[test]:
        assert not (shown[~test] == image).all(dim=(1, 2, 3)).any()


def test_noise_ceiling_is_that_of_the_simulation(results, signal_power):
    expected = np.sqrt(signal_power / (signal_power + NOISE**2))
    estimated, valid = results["ceiling"], results["has_signal"]
    assert np.median(estimated[valid]) == pytest.approx(np.median(expected), abs=0.02)
    assert np.corrcoef(estimated[valid], expected[valid])[0, 1] > 0.9
    assert np.median(expected[~valid]) < 0.5


def test_lookup_table_reaches_the_square_of_the_ceiling(results, signal_power):
    halves = results["correlation"](results["first"], results["second"])
    expected = signal_power / (signal_power + NOISE**2)
    assert np.median(halves) == pytest.approx(np.median(expected), abs=0.02)


def test_models_reach_the_ceiling_and_the_baselines_do_not(results):
    medians = results["medians"]
    assert medians["energy"] == pytest.approx(1, abs=0.03)
    assert medians["CNN"] == pytest.approx(1, abs=0.03)
    assert medians["LN"] < 0.75 < medians["lookup table"] < 0.9


def test_table_that_interpolates_is_nearly_as_good(results):
    fraction = (results["our_score"] / results["ceiling"])[results["has_signal"]]
    assert np.median(fraction) == pytest.approx(0.97, abs=0.02)


def test_decoder_is_more_precise_than_the_bins_also_for_new_orientations(results):
    assert results["error"] < 1.5
    new = results["new"]
    assert results["mean_error"](results["decoded"], results["bins"][new]) < 1.5


def test_four_times_the_neurons_halve_the_error(results):
    np.testing.assert_allclose(results["errors"], results["line"], rtol=0.1)


def test_chance_is_45_degrees(results):
    assert results["our_chance"] == pytest.approx(45, abs=1.5)


def test_angle_alone_agrees_better_than_the_cnn(results):
    agreement, matrices = results["agreement"], results["matrices"]
    values = [agreement(matrices["pixels"]), agreement(matrices["CNN"]), agreement(results["turn"])]
    assert values == pytest.approx([0.27, 0.88, 0.98], abs=0.02)


def test_random_kernels_are_nearly_as_good(results):
    fractions = results["random_fractions"]
    assert len(fractions) == 5
    assert min(fractions) > 0.9
    assert max(fractions) < results["medians"]["CNN"]


def test_recorded_responses_of_the_same_form_are_used_if_they_are_there(
    sources, tmp_path, monkeypatch
):
    train, test, stimuli = convtools.simulate_population(7, np.arange(3, 363, 6), seed=1)
    (tmp_path / "convtools").mkdir()
    path = tmp_path / "convtools" / convtools.data.FILE_NAME
    np.savez(path, resp_train=train, resp_test=test, stimuli=stimuli[:, None])
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)
    _, cell = CELL.findall(sources["book/neurons"])[0]
    names = {}
    run(cell, names)
    assert names["source"] == "recorded"
    np.testing.assert_array_equal(names["second"], test.double())
