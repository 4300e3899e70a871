"""Jupyter reads all of each chapter, and each can be downloaded as a notebook."""

import re
import shutil
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import jupytext
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class
from nbclient import NotebookClient

from helpers.book import Book
from helpers.sources import CELL, cells

FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.MULTILINE | re.DOTALL)
URL = "https://github.com/owner/book"


@pytest.fixture(scope="module")
def download(site, pages):
    """Read the notebook that a page offers, or None."""

    def read(page):
        link = pages[page].select_one("a.btn-download-notebook-button")
        return link and nbformat.read((site / page).parent / unquote(link["href"]), as_version=4)

    return read


def test_jupyter_reads_all_of_the_source(page, sources):
    notebook = jupytext.reads(sources[page], "md:myst")
    code = [cell.source.splitlines() for cell in notebook.cells if cell.cell_type == "code"]
    assert [[line for line in lines if line.strip()] for lines in code] == cells(sources[page])
    prose = CELL.sub("", FRONT_MATTER.sub("", sources[page]))
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert " ".join(text).split() == prose.split()


@pytest.fixture(scope="module")
def contents(tmp_path_factory, root):
    """The contents manager of JupyterLab for a folder with the settings of this repository."""
    manager = build_sync_jupytext_contents_manager_class(LargeFileManager)()
    manager.root_dir = str(tmp_path_factory.mktemp("lab"))
    shutil.copy(root / "pyproject.toml", manager.root_dir)
    return manager


def test_saving_a_page_in_jupyterlab_changes_nothing(page, sources, contents):
    name = f"{page.split('/')[1]}.md"
    path = Path(contents.root_dir, name)
    path.write_text(sources[page], encoding="utf-8")
    notebook = contents.get(name, type="notebook", content=True)["content"]
    contents.save({"type": "notebook", "content": notebook, "format": "json"}, name)
    assert path.read_text(encoding="utf-8") == sources[page]


def test_pages_with_cells_offer_a_notebook_and_others_do_not(page, sources, download):
    assert bool(download(page)) == ("{code-cell}" in sources[page])


def test_download_links_do_not_open_the_file(page, pages):
    links = pages[page].select("a[class*=btn-download]")
    assert links
    assert all(link.has_attr("download") for link in links)


def test_download_is_the_chapter_without_outputs(chapter, sources, download):
    notebook = download(chapter)
    nbformat.validate(notebook)
    source = jupytext.reads(sources[chapter], "md:myst")
    offered = [(cell.cell_type, cell.source) for cell in notebook.cells[1:]]
    assert offered == [(cell.cell_type, cell.source) for cell in source.cells]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert notebook.metadata.kernelspec.name == "python3"


def test_download_folds_the_same_cells_as_the_book(chapter, download):
    for cell in download(chapter).cells:
        folded = bool({"hide-input", "hide-cell"} & set(cell.metadata.get("tags", [])))
        assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == folded


def test_solutions_are_folded_in_the_source(sources):
    """Because JupyterLab opens the source and ignores the tags of the book."""
    notebooks = [jupytext.reads(source, "md:myst") for source in sources.values()]
    every = [cell.metadata for notebook in notebooks for cell in notebook.cells]
    solutions = [metadata for metadata in every if "Show the solution" in str(metadata)]
    assert solutions
    assert all(metadata["jupyter"]["source_hidden"] for metadata in solutions)


def test_download_runs(download, tmp_path):
    notebook = download("book/convolution")
    client = NotebookClient(notebook, resources={"metadata": {"path": tmp_path}})
    client.execute()  # raises the errors of cells
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@pytest.fixture(scope="module")
def with_url(tmp_path_factory):
    """The download of a book with a URL and a Binder button, and the HTML of its page."""
    book = Book(tmp_path_factory.mktemp("known") / "book")
    book.configure(
        repository={"url": f"{URL}/", "branch": "2026"},
        launch_buttons={"binderhub_url": "https://mybinder.org"},
    )
    book.make()
    html = (book.folder / "_build/html/book/chapter.html").read_text(encoding="utf-8")
    file = book.folder / "_build/html/_sources/book/chapter.ipynb"
    return nbformat.read(file, as_version=4), html


def test_download_is_not_the_executed_notebook_beside_a_binder_button(with_url):
    notebook, html = with_url
    assert html.count("_sources/book/chapter.ipynb") == 1
    assert "https://mybinder.org/v2/gh/owner/book/2026" in html
    assert not any(cell.get("outputs") for cell in notebook.cells)


def run_first_cell(cell, monkeypatch, installed):
    """Run a first cell as if these packages were installed; return the commands that it runs."""
    found = [SimpleNamespace(metadata={"Name": name}) for name in installed]
    monkeypatch.setattr(metadata, "distributions", lambda: found)
    ran = []
    shell = SimpleNamespace(run_line_magic=lambda *words: ran.append(words))
    exec(TransformerManager().transform_cell(cell.source), {"get_ipython": lambda: shell})
    return ran


def test_first_cell_installs_a_missing_package(with_url, monkeypatch):
    cell = with_url[0].cells[0]
    package = f"seeing-with-convolutions[chapters] @ git+{URL}@2026"
    ran = run_first_cell(cell, monkeypatch, ["numpy"])
    assert ran == [("pip", f'install --quiet "{package}"')]
    assert run_first_cell(cell, monkeypatch, ["numpy", "seeing-with-convolutions"]) == []


def test_first_cell_rejects_another_package_of_the_same_name(with_url, monkeypatch):
    with pytest.raises(ImportError, match="Another package called convtools"):
        run_first_cell(with_url[0].cells[0], monkeypatch, ["convtools"])


def test_first_cell_of_a_book_without_a_url_only_explains_the_installation(extension):
    options = {"repository_url": "", "repository_branch": "main"}
    code = extension("delivery.downloads").first_cell(options)
    assert '%pip install "FOLDER[chapters]"' in code
    assert all(line.startswith("#") for line in code.splitlines())
