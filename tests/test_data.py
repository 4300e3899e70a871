import gc
import hashlib
import os
import pickle
import socket
import threading
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convtools import data
from convtools.data import fetch_stringer, load_stringer, simulate_population

N_STIMULI, N_NEURONS = 60, 300
ORIENTATIONS = np.arange(0, 360, 6)
RNG = np.random.default_rng(5)
GOOD = {
    "resp_train": RNG.standard_normal((N_STIMULI, N_NEURONS)),
    "resp_test": RNG.standard_normal((N_STIMULI, N_NEURONS)),
    "stimuli": ORIENTATIONS[:, None] + 2.5,
}


def npz(**arrays):
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


GOOD_BYTES = npz(**GOOD)
WRONG_BYTES = GOOD_BYTES[:-1] + b"?"


# Downloads from a local server ---------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Counts the requests, and responds to them in the way set by `plays`."""

    plays, requests = "good", 0
    daemon_threads = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.test_is_over = threading.Event()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        plays = self.server.plays
        self.server.requests += 1
        if plays == "silent":
            self.server.test_is_over.wait()
            return
        self.send_response(404 if plays == "not found" else 200)
        self.send_header("Content-Length", str(len(GOOD_BYTES)))
        self.end_headers()
        body = WRONG_BYTES if plays == "wrong bytes" else GOOD_BYTES
        self.wfile.write(body[: len(body) // 2] if plays in ("cut", "stalled") else body)
        if plays == "stalled":
            self.wfile.flush()
            self.server.test_is_over.wait()


@pytest.fixture
def server(monkeypatch):
    with Server() as server:
        monkeypatch.setattr(data, "URL", f"http://127.0.0.1:{server.server_port}/download")
        monkeypatch.setattr(data, "MD5", hashlib.md5(GOOD_BYTES).hexdigest())
        monkeypatch.setattr(data, "TIMEOUT", 0.3)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.test_is_over.set()
        server.shutdown()
        thread.join()
    gc.collect()  # an open connection is a warning of this test, not of a later one


FAILURES = {
    "not found": "404",
    "cut": "IncompleteRead",
    "wrong bytes": "does not match the known hash",
    "silent": r"timed out\. \(read timeout=0\.3\)",
    "stalled": "timed out",
}


# pooch leaves the connection open if the server rejects the request
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("plays", "reason"), FAILURES.items(), ids=FAILURES)
def test_failed_download_leaves_no_file_and_explains_the_fix(server, tmp_path, plays, reason):
    server.plays = plays
    with pytest.raises(ConnectionError, match=reason) as raised:
        fetch_stringer(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert raised.value.__cause__ is not None
    advice = ["call again", data.URL, "load_stringer", "simulate_population"]
    assert [words for words in advice if words not in str(raised.value)] == []


def test_missing_server_is_a_failed_download(monkeypatch, tmp_path):
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(data, "URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(ConnectionError, match="could not be downloaded"):
            fetch_stringer(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_shown_while_the_file_arrives(server, tmp_path, capsys):
    server.plays = "stalled"
    with pytest.raises(ConnectionError):
        fetch_stringer(tmp_path)
    assert " 50%" in capsys.readouterr().err


def test_good_download_is_the_only_file_and_shows_its_progress(server, tmp_path, capsys):
    path = fetch_stringer(str(tmp_path / "made" / "if need be"))
    assert path == tmp_path / "made" / "if need be" / data.FILE_NAME
    assert path.read_bytes() == GOOD_BYTES
    assert list(path.parent.iterdir()) == [path]
    assert "100%" in capsys.readouterr().err


def test_good_file_is_not_downloaded_again(server, tmp_path):
    assert fetch_stringer(tmp_path) == fetch_stringer(tmp_path)
    assert server.requests == 1


def test_wrong_file_is_replaced(server, tmp_path):
    (tmp_path / data.FILE_NAME).write_bytes(b"wrong")
    assert fetch_stringer(tmp_path).read_bytes() == GOOD_BYTES


def test_wrong_file_is_kept_if_the_download_fails(server, tmp_path):
    server.plays = "cut"
    (tmp_path / data.FILE_NAME).write_bytes(b"wrong")
    with pytest.raises(ConnectionError):
        fetch_stringer(tmp_path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"wrong"]


def test_load_without_path_fetches_into_the_cache(server, tmp_path, monkeypatch):
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)
    resp_train, _, _ = load_stringer()
    assert resp_train.shape == (N_STIMULI, N_NEURONS)
    assert (tmp_path / "convtools" / data.FILE_NAME).read_bytes() == GOOD_BYTES


def test_load_without_download_finds_an_earlier_one(server, tmp_path, monkeypatch):
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / project)
    with pytest.raises(FileNotFoundError, match=data.FILE_NAME):
        load_stringer(download=False)
    assert server.requests == 0
    fetch_stringer()
    assert load_stringer(download=False)[0].shape == (N_STIMULI, N_NEURONS)
    assert server.requests == 1


def test_paths_may_start_with_a_tilde(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert fetch_stringer("~/cache").parent == tmp_path / "cache"
    assert len(load_stringer(f"~/cache/{data.FILE_NAME}")[0]) == N_STIMULI


@pytest.mark.parametrize(
    ("directory", "error"),
    [
        (3, pytest.raises(TypeError, match="`directory` must be a path, got 3")),
        (b"cache", pytest.raises(TypeError, match="`directory` must be a path, got b'cache'")),
        (
            "file",
            pytest.raises(ValueError, match=r"`directory` must be a directory, or .* got file"),
        ),
        ("file/in", pytest.raises(ValueError, match=r"`directory` must be .*, got .*file.in")),
    ],
)
def test_fetch_rejects(directory, error, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    with error:
        fetch_stringer(directory)
    assert server.requests == 0


# Loading ------------------------------------------------------------------------------------


def without(name):
    return {key: values for key, values in GOOD.items() if key != name}


def bad(reason):
    """Expect a ValueError with the argument, the file and the reason."""
    return pytest.raises(ValueError, match=rf"(?s)`path` must be an .npz file.*data\.npz.*{reason}")


NAN = np.full((N_STIMULI, N_NEURONS), np.nan)
DAMAGED_INSIDE = GOOD_BYTES.replace(GOOD["resp_test"].tobytes()[:99], b"?" * 99)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (GOOD, nullcontext()),
        (GOOD | {"stimuli": GOOD["stimuli"][:, 0]}, nullcontext()),
        (GOOD | {"resp_test": GOOD["resp_test"].astype(">f4")}, nullcontext()),
        (GOOD | {"more": np.zeros(3)}, nullcontext()),
        (without("resp_train"), bad("resp_train is not a file in the archive")),
        (without("resp_test"), bad("resp_test is not a file in the archive")),
        (without("stimuli"), bad("stimuli is not a file in the archive")),
        (GOOD | {"resp_train": np.zeros(60)}, bad(r"`resp_train` must have shape .*\(60,\)")),
        (GOOD | {"resp_test": np.zeros((60, 3, 3))}, bad("`resp_test` must have shape .*60, 3, 3")),
        (GOOD | {"resp_test": np.zeros((60, 299))}, bad(r"`resp_test` .*60, 300.* got .*60, 299")),
        (GOOD | {"stimuli": np.zeros(59)}, bad(r"`stimuli` .*\(60,\) or \(60, 1\), got \(59,\)")),
        (GOOD | {"stimuli": np.zeros((1, 60))}, bad(r"`stimuli` must have .*, got \(1, 60\)")),
        (GOOD | {"resp_train": NAN}, bad("`resp_train` must hold finite numbers")),
        (GOOD | {"resp_test": NAN}, bad("`resp_test` must hold finite numbers")),
        (GOOD | {"stimuli": NAN[:, :1]}, bad("`stimuli` must hold finite numbers")),
        (GOOD | {"resp_train": 1j * NAN}, bad("`resp_train` must hold real numbers")),
        (GOOD | {"stimuli": np.full(60, "6 deg")}, bad("`stimuli` must hold real numbers")),
        (GOOD | {"stimuli": np.array([None] * 60)}, bad("Object arrays cannot be loaded")),
        (DAMAGED_INSIDE, bad("CRC")),
        (GOOD_BYTES[:1000], bad("not a zip file")),
        (pickle.dumps(GOOD), bad("not a zip file")),
        (b"<html>log in first</html>", bad("not a zip file")),
        (b"", bad("not a zip file")),
        (None, pytest.raises(FileNotFoundError, match=r"data\.npz")),
    ],
)
def test_load(content, outcome, tmp_path):
    path = tmp_path / "data.npz"
    if content is not None:
        path.write_bytes(npz(**content) if isinstance(content, dict) else content)
    with outcome:
        resp_train, resp_test, stimuli = load_stringer(path)
        assert stimuli.shape == (N_STIMULI,)
        torch.testing.assert_close(resp_train, torch.tensor(GOOD["resp_train"]).float())
        torch.testing.assert_close(resp_test, torch.tensor(GOOD["resp_test"]).float())
        torch.testing.assert_close(stimuli, torch.tensor(GOOD["stimuli"][:, 0]).float())


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (3, pytest.raises(TypeError, match="`path` must be a path, got 3")),
        (b"data", pytest.raises(TypeError, match="`path` must be a path, got b'data'")),
        (os.curdir, pytest.raises(ValueError, match=r"`path` must be an .npz file")),
    ],
)
def test_load_rejects(path, error):
    with error:
        load_stringer(path)


# Model neurons ------------------------------------------------------------------------------


@given(
    st.integers(1, 20),
    st.lists(st.integers(0, 179), min_size=2, max_size=70, unique=True),
    st.integers(0, 2**32),
)
def test_population_has_the_format_of_the_recording(n_neurons, orientations, seed):
    *responses, stimuli = simulate_population(n_neurons, orientations, seed=seed)
    for resp in responses:
        assert resp.shape == (len(orientations), n_neurons)
        assert resp.dtype == torch.float32
        np.testing.assert_allclose(resp.mean(0), 0, atol=1e-5)
        np.testing.assert_allclose(resp.std(0, correction=0), 1, atol=1e-5)
    assert stimuli.dtype == torch.float32
    assert stimuli.tolist() == orientations


def test_population_is_reproducible():
    first, again, other, drawn = (
        torch.stack(simulate_population(9, ORIENTATIONS, seed=seed)[:2])
        for seed in (3, 3, 4, np.random.default_rng(3))
    )
    assert torch.equal(first, again)
    assert torch.equal(first, drawn)
    assert not torch.isclose(first, other).any(dim=0).all()


def test_generator_gives_a_new_population_each_time():
    rng = np.random.default_rng(3)
    first, second = (simulate_population(9, ORIENTATIONS, seed=rng)[0] for _ in range(2))
    assert not torch.equal(first, second)


@pytest.fixture(scope="module")
def population():
    return simulate_population(4000, ORIENTATIONS, seed=1)


def test_train_and_test_share_the_tuning_but_not_the_noise(population):
    train, test, _ = population
    correlation = (train * test).mean(0)
    assert 0.55 < correlation.mean() < 0.65
    assert (correlation > 0).float().mean() > 0.95
    assert correlation.max() < 0.999
    noise = train - test  # must be independent across neurons and across stimuli
    assert abs((noise[:, 1:] * noise[:, :-1]).mean()) < 0.02
    assert abs((noise[1:] * noise[:-1]).mean()) < 0.03


def test_amplitudes_vary():
    train, test, _ = simulate_population(2000, range(360), seed=8)
    signal_to_noise = (train * test).mean(0).clamp(1e-3).logit()  # 2 log(amplitude) + its width's
    assert 0.9 < signal_to_noise.std() < 1.2


def test_precision_of_orientations_does_not_change_the_responses():
    coarse = simulate_population(9, ORIENTATIONS.astype(np.float16), seed=3)
    torch.testing.assert_close(coarse, simulate_population(9, ORIENTATIONS, seed=3))


def doubled_angle_sum(population):
    """Return each neuron's sum of its responses as vectors at twice the orientation."""
    train, test, stimuli = population
    return ((train + test).numpy() * np.exp(2j * np.radians(stimuli.numpy()))[:, None]).sum(0)


def test_preferred_orientations_are_uniform_over_180_degrees(population):
    preferred = np.degrees(np.angle(doubled_angle_sum(population))) / 2 % 180
    counts, _ = np.histogram(preferred, bins=10, range=(0, 180))
    np.testing.assert_allclose(counts, 400, atol=4.5 * np.sqrt(400 * 0.9))


def test_widths_vary_around_their_median(monkeypatch):
    monkeypatch.setattr(data, "NOISE", 1e-9)
    every_degree = simulate_population(10_000, range(180), seed=2)
    tuning = every_degree[0].numpy()
    half = (tuning.max(0) + tuning.min(0)) / 2
    full_width = (tuning > half).sum(0)  # degrees; a broad neuron's minimum is above 0
    kappa = 2 * np.exp(0.5 * np.array([-1.2816, 0, 1.2816]))  # the 10th, 50th, 90th percentile
    floor = np.exp(-2 * kappa)
    expected = np.degrees(np.arccos(1 + np.log((1 + floor) / 2) / kappa))
    np.testing.assert_allclose(np.percentile(full_width, [90, 50, 10]), expected, atol=1)


def test_tuning_has_a_period_of_180_degrees():
    here = simulate_population(50, ORIENTATIONS, seed=6)
    there = simulate_population(50, ORIENTATIONS + 180, seed=6)
    torch.testing.assert_close(here[:2], there[:2])
    assert not torch.allclose(here[0], simulate_population(50, ORIENTATIONS + 90, seed=6)[0])


GOOD_CALL = {"n_neurons": 5, "orientations": [0, 90], "seed": 0}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"n_neurons": 0}, pytest.raises(ValueError, match=r"`n_neurons` must be .* 1, got 0")),
        ({"n_neurons": 2.5}, pytest.raises(TypeError, match=r"`n_neurons` .* got 2.5")),
        ({"seed": -1}, pytest.raises(ValueError, match=r"`seed` must be .* 0, got -1")),
        ({"seed": None}, pytest.raises(TypeError, match=r"`seed` must be .* got None")),
        ({"orientations": 6}, pytest.raises(ValueError, match=r"`orientations` .* got \(\)")),
        ({"orientations": [[0, 6]]}, pytest.raises(ValueError, match=r"`orientations` .*\(1, 2\)")),
        (
            {"orientations": []},
            pytest.raises(ValueError, match=r"`orientations` must not be empty"),
        ),
        ({"orientations": [0, np.nan]}, pytest.raises(ValueError, match=r"`orientations` .* NaN")),
        ({"orientations": ["0", "6"]}, pytest.raises(TypeError, match=r"`orientations` must hold")),
        ({"orientations": [6]}, pytest.raises(ValueError, match=r"`orientations` .*differ modulo")),
        (
            {"orientations": [0.1, 180.1, -179.9, 720.1]},
            pytest.raises(ValueError, match=r"`orientations` .*differ modulo"),
        ),
        ({"orientations": [0.0, 0.1]}, nullcontext()),
        ({"orientations": torch.tensor([0.0, 91.0])}, nullcontext()),
    ],
)
def test_simulate_population_checks_its_arguments(wrong, error):
    with error:
        simulate_population(**GOOD_CALL | wrong)


def test_recorded_file_is_that_of_the_tutorial():
    assert data.URL == "https://osf.io/p3aeb/download"
    assert data.MD5 == "b3f7245c6221234a676b71a1f43c3bb5"
