"""Every chapter opens as a notebook and runs in JupyterLab, set up as on Binder (on Linux).

The environment is made only from binder/. `pytest -rP` shows the memory use of each kernel.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import expect

from helpers import toc

ROOT = Path(__file__).parents[2]
SOURCES = {page: (ROOT / f"{page}.md").read_text(encoding="utf-8") for page in toc.pages}
NOTEBOOKS = [page for page, source in SOURCES.items() if "{code-cell}" in source]
INDEX, *PINS = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
MOST_MEMORY = 1e9  # bytes
TIMEOUT = 90_000  # milliseconds; an idle machine needs ten thousand
STATE = """() => {
    const PROGRESS = /^\\s*(\\d+%[|]|$)/; // a bar of tqdm, or what is left when it is removed
    const { content, context } = window.jupyterapp.shell.currentWidget;
    const cells = [...content.model.cells].filter((cell) => cell.type === "code");
    const kernel = context.sessionContext.session?.kernel;
    const idle = kernel?.status === "idle";
    const faults = cells.flatMap((cell) => cell.outputs.toJSON())
        .filter((output) => output.output_type === "error" || output.name === "stderr")
        .filter((output) => !PROGRESS.test(output.text ?? ""));
    const ended = faults.length || (idle && cells.every((cell) => cell.executionCount));
    return { kernel: kernel?.id, idle, faults, ended };
}"""


OPEN = """async (path) => {
    const widget = await window.jupyterapp.commands.execute("docmanager:open", { path });
    await widget.context.ready;
}"""
CLOSE = """async () => {
    const widget = window.jupyterapp.shell.currentWidget;
    await widget.context.sessionContext.shutdown();
    widget.dispose();
}"""


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    """A copy of the repository, and an environment set up by binder/."""
    home = tmp_path_factory.mktemp("learner")
    learner = SimpleNamespace(folder=home / "book", bin=home / "venv" / "bin")
    learner.environment = {
        **os.environ, "HOME": str(home), "PATH": f"{learner.bin}{os.pathsep}{os.environ['PATH']}"
    }  # fmt: skip
    hidden = shutil.ignore_patterns(".*", "_build", "__pycache__")
    shutil.copytree(ROOT, learner.folder, ignore=hidden)
    index = [INDEX] if responds(f"{INDEX.split()[-1]}/torch/") else []
    (home / "requirements.txt").write_text("\n".join(index + PINS), encoding="utf-8")
    for command in (
        [sys.executable, "-m", "venv", home / "venv"],
        ["pip", "install", "--quiet", "--no-deps", "--no-compile", "-r", home / "requirements.txt"],
        ["binder/postBuild"],
    ):
        subprocess.run(command, cwd=learner.folder, env=learner.environment, check=True)
    return learner


@pytest.fixture(scope="module")
def lab(learner):
    """The learner's JupyterLab: its process and its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0", "--no-browser"]
    options += ["--IdentityProvider.token=", "--allow-root", "--expose-app-in-browser"]
    with open(learner.folder.parent / "log", "wb") as log:
        process = psutil.Popen(
            ["binder/start", "jupyter", "lab", *options],
            cwd=learner.folder, env=learner.environment, stdout=log, stderr=log,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    while not responds(f"{url}/api"):
        assert process.poll() is None, Path(log.name).read_text(encoding="utf-8")
        time.sleep(0.2)
    yield SimpleNamespace(process=process, url=url)
    process.terminate()
    process.wait(30)


def responds(url):
    try:
        with urlopen(url, timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def tab(browser):
    """A page that may log errors, as jupyterlab-myst does for each term of the glossary."""
    context = browser.new_context()
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def jupyterlab(lab, tab):
    """JupyterLab in the tab, which takes seconds to load."""
    tab.goto(f"{lab.url}/lab?reset")  # reset: no documents of an earlier visit
    tab.wait_for_function("window.jupyterapp?.restored.then(() => true)")
    return tab


@pytest.fixture
def open_page(jupyterlab):
    """Return a function that opens pages as JupyterLab does from its list of files."""

    def open_page(page):
        jupyterlab.evaluate(OPEN, f"{page}.md")
        return jupyterlab

    yield open_page
    jupyterlab.evaluate(CLOSE)


@pytest.mark.parametrize("chapter", NOTEBOOKS)
def test_chapter_opens_as_a_notebook_and_runs(chapter, lab, open_page):
    tab = open_page(chapter)
    expect(tab.locator(".jp-NotebookPanel")).to_be_visible(timeout=TIMEOUT)
    tab.wait_for_function(f"({STATE})().idle")
    tab.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    tab.wait_for_function(f"({STATE})().ended")
    state = tab.evaluate(STATE)
    assert state["faults"] == []
    expect(tab.get_by_text("Unknown Directive")).to_have_count(0)

    peak = peak_memory(lab.process, state["kernel"])
    print(f"{chapter}: {peak / 1e6:.0f} MB")
    assert peak < MOST_MEMORY


def peak_memory(process, kernel):
    """Return the peak memory use of a kernel in bytes."""
    processes = process.children(recursive=True)
    found = [child for child in processes if kernel in " ".join(child.cmdline())]
    status = Path(f"/proc/{found[0].pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


@pytest.mark.parametrize("page", [page for page in SOURCES if page not in NOTEBOOKS])
def test_page_without_cells_opens_without_a_dialog(page, open_page):
    tab = open_page(page)
    [title] = re.findall(r"^# (.*)", SOURCES[page], re.MULTILINE)
    heading = tab.locator(".jp-Notebook").get_by_role("heading", name=title, exact=True)
    expect(heading).to_be_visible(timeout=TIMEOUT)
    expect(tab.get_by_text("Unknown Directive")).to_have_count(0)
    expect(tab.locator(".jp-Dialog")).to_have_count(0)
    expect(tab.locator(".jp-CodeCell")).to_have_count(0)


def test_link_opens_a_chapter_with_rendered_text(lab, browser):
    """As the buttons of the pages do on Binder."""
    with browser.new_context() as context:
        tab = context.new_page()
        tab.goto(f"{lab.url}/lab/tree/book/convolution.md")
        title = tab.get_by_text("In this chapter you will", exact=True)  # of an admonition
        expect(title).to_be_visible(timeout=TIMEOUT)


def test_all_installed_packages_are_pinned(learner):
    command = [learner.bin / "pip", "list", "--format=freeze"]
    installed = set(subprocess.check_output(command, text=True).lower().replace("_", "-").split())
    names = {line.partition("==")[0] for line in installed - set(PINS)}
    assert names <= {"pip", "setuptools", "seeing-with-convolutions"}
    subprocess.run([learner.bin / "pip", "check"], check=True)
