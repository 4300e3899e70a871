"""Chapters are read on all processors."""

import os
from runpy import run_path
from types import SimpleNamespace


def test_all_processors_read_and_one_writes(root):
    numbering = SimpleNamespace(parallel_read_safe=None)
    handlers = {}
    extensions = {"sphinx_multitoc_numbering": numbering}
    app = SimpleNamespace(extensions=extensions, connect=handlers.__setitem__)
    run_path(root / "book/_ext/parallel.py")["setup"](app)
    handlers["config-inited"](app, None)
    assert app.parallel == os.cpu_count()
    assert numbering.parallel_read_safe
    handlers["env-updated"](app, None)  # when all are read
    assert app.parallel == 1


def test_every_extension_allows_it(root):
    for path in sorted((root / "book/_ext").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "def setup(app)" in source:
            assert '"parallel_read_safe": True, "parallel_write_safe": True' in source, path.name
