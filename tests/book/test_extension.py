"""The README lists all modules of the extension, and the snippets of the guide can be built."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from seeing.authoring import folds
from seeing.delivery import lean, policy, repairs

from helpers.book import NOTEBOOK, Book

IMAGE = """\
```{code-cell} ipython3
import convtools
import numpy as np

image, kernel = np.ones((5, 5)), np.ones((3, 3))
convtools.exercises = __import__("unittest.mock").mock.Mock()  # tested elsewhere
```

"""
OWN = "{% block docs_body %}<p class='own'>{{ pagename }}</p>{{ super() }}{% endblock %}"


@pytest.fixture(scope="module")
def book(tmp_path_factory, root):
    """A book with the six snippets of the guide, and its own template."""
    book = Book(tmp_path_factory.mktemp("guide") / "book")
    guide = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(r"## Six things to write\n(.*?)\n## ", guide, re.DOTALL)[1]
    snippets = re.findall(r"````markdown\n(.*?)````\n", section, re.DOTALL)
    shutil.rmtree(book.folder / "convtools")  # the cells import the real package
    book.write("book/chapter.md", f"{NOTEBOOK}# Six things\n\n{IMAGE}" + "\n".join(snippets))
    book.configure(
        {"templates_path": ["own"]}, repository={"url": "https://github.com/reader/book"}
    )
    book.write("own/page.html", '{% extends "!page.html" %}' + OWN)
    book.make()
    return book


@pytest.mark.parametrize(
    "selector",
    [
        "form.quiz[data-tolerance]",
        ".predict > details.reveal",
        ".exercise#exercise-output-shape",
        ".cell > details.hide",
        ".discuss#discuss-border",
        "#stepper figure img",
        "form.feedback",
    ],
)
def test_snippet_of_the_guide_gives_its_component(selector, book):
    assert len(book.page().select(selector)) == 1


def test_template_of_a_fork_is_used_along_with_ours(book):
    page = book.html("book/chapter")
    assert page.select_one("p.own").get_text() == "book/chapter"
    assert not page.select("script[src*=fontawesome]")


def test_readme_lists_exactly_the_modules(root):
    folder = root / "book/_ext/seeing"
    rows = re.findall(r"^\| (\S+) \|", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    listed, package = set(), ""
    for name in rows:
        package = name if name.endswith("/") else package
        listed |= {package + name} - {package + package}
    files = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py")]
    modules = {file.removesuffix(".py").removesuffix("/__init__") for file in files}
    assert listed == {module for module in modules if "/" in module}


def test_every_folder_is_in_the_readme(root):
    readme = (root / "README.md").read_text("utf-8").split("## Where things are")[1]
    for path in [*root.glob("book/_*"), *root.glob("[a-z]*/")]:
        if path.is_dir() and any(path.rglob("*.*")) and path.suffix != ".egg-info":
            assert f"{path.relative_to(root).as_posix()}/" in readme


# Changes of upstream HTML are noticed ------------------------------------------------------------


@pytest.fixture
def warnings(monkeypatch):
    """The list of warnings."""
    given = []
    logger = SimpleNamespace(warning=lambda text, *values, **_: given.append(text % values))
    for module in [folds, lean, policy, repairs]:
        monkeypatch.setattr(module, "logger", logger)
    return given


def test_page_without_a_style_sheet_is_a_warning(tmp_path, warnings):
    (tmp_path / "_static").mkdir()
    page = tmp_path / "a.html"
    lean.make_lean(SimpleNamespace(outdir=tmp_path, fresh={page}), {page: "<html></html>"})
    assert warnings == ["a page without a style sheet, has the theme changed? a.html"]


def test_icons_without_a_font_are_a_warning(tmp_path, warnings):
    lean.with_fonts('i{content:"\uf002"}', tmp_path)
    assert "no icon font" in warnings[0]


def test_page_without_a_placeholder_for_the_policy_is_a_warning(warnings):
    config = SimpleNamespace(allowed_sources={}, feedback_endpoint="")
    good, bad, old = map(Path, ["a", "b", "c"])
    app = SimpleNamespace(config=config, fresh={good, bad})
    policy.write_policies(
        app, {good: f"<head>{policy.PLACE}</head>", bad: "<head></head>", old: ""}
    )
    assert warnings == ["a page without a policy, has the theme changed? b"]


def test_box_with_unknown_html_is_a_warning(warnings):
    writer = SimpleNamespace(body=["<section>A box.</section>"])
    box = folds.fold("", folds.nodes.tip(), shown=False, start=0)
    folds.depart(writer, box)
    assert len(warnings) == 1
    assert writer.body[0].startswith("<details")
