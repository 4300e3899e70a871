"""The reference of functions and classes of convtools, from their docstrings.

    :::{div}
    :class: functions
    `sine_grating`, `natural_image`, `plotting.show_images`
    :::

MyST supports the directives of autodoc in `eval-rst` only, which JupyterLab shows in a red box. A
`div` (div.py) shows the list of names there.
"""

import importlib
import inspect
import re
from types import FunctionType

from docutils.parsers.rst import Parser
from docutils.utils import new_document
from sphinx.util.docutils import SphinxDirective

PACKAGE = "convtools"


class Functions(SphinxDirective):
    has_content = True

    def run(self):
        self.assert_has_content()
        names = re.findall(r"`([\w.]+)`", "\n".join(self.content))
        document = new_document(self.get_source_info()[0], self.state.document.settings)
        document.reporter = self.state.document.reporter
        Parser().parse("\n".join(self.entry(name) for name in names), document)
        return document.children

    def entry(self, name):
        """Return the autodoc directive for a name."""
        module, _, name = f"{PACKAGE}.{name}".rpartition(".")
        thing = getattr(importlib.import_module(module), name, None)
        if thing is None:
            raise self.error(f"there is no {module}.{name}")
        start = f".. currentmodule:: {module}\n.. auto"
        if not inspect.isclass(thing):
            return f"{start}function:: {name}\n"
        members = ", ".join(name for name in vars(thing) if is_public_member(thing, name))
        option = f"   :members: {members}\n" if members else ""  # without names it means all
        return f"{start}class:: {name}\n{option}"


def is_public_member(thing, name):
    member = vars(thing)[name]
    return isinstance(member, (FunctionType, property)) and not name.startswith("_")


def setup(app):
    app.add_directive("functions", Functions)
