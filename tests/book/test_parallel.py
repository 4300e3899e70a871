"""Chapters are read and written on all processors."""

import os
from runpy import run_path
from types import SimpleNamespace


def test_all_processors_are_used(root):
    numbering = SimpleNamespace(parallel_read_safe=None)
    app = SimpleNamespace(
        extensions={"sphinx_multitoc_numbering": numbering},
        connect=lambda event, handler: handler(app, None),
    )
    run_path(root / "book/_ext/parallel.py")["setup"](app)
    assert app.parallel == os.cpu_count()
    assert numbering.parallel_read_safe


def test_every_extension_allows_it(root):
    for path in sorted((root / "book/_ext").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "def setup(app)" in source:
            assert '"parallel_read_safe": True, "parallel_write_safe": True' in source, path.name
