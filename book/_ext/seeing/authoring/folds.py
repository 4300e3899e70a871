"""Folded content, such as a hint or a solution, that opens without JavaScript.

    :::{tip}                  :::{admonition} Solution       :::{toggle}
    :class: dropdown          :class: tip dropdown           Anything.
    Look at the border.       It is 7.                       :::
    :::                       :::

Each becomes the HTML element `details`, which opens from the keyboard and is searched by the
browser. It replaces sphinx-togglebutton, which adds a script and a style sheet to every page, and
uses the same names: the class `dropdown` of an admonition, `toggle` of anything that takes a class,
and `toggle-shown` for content that is open at first. The tags `hide-…` of cells belong to MyST-NB.
"""

import re
from html import escape

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, is_directive_registered

from seeing.delivery.words import _

logger = logging.getLogger(__name__)
BOXES = {"dropdown"}  # on other elements this class belongs to other extensions
CLASSES = {*BOXES, "toggle", "toggle-shown"}
BOX = re.compile(
    r'^<div class="([^"]*\badmonition\b[^"]*)"([^>]*)>\s*((?:<span id="[^"]*"></span>\s*)*)'
    r'<p( class="admonition-title">.*?)</p>',
    re.DOTALL,
)


class fold(nodes.General, nodes.Element):  # noqa: N801, a node's class is its name
    """Folded content."""


class Toggle(SphinxDirective):
    has_content = True
    optional_arguments = 1  # classes, which sphinx-togglebutton allows and ignores
    final_argument_whitespace = True
    option_spec = {"id": directives.unchanged, "show": directives.flag}  # noqa: RUF012

    def run(self):
        self.assert_has_content()
        classes = ["toggle", *(["toggle-shown"] if "show" in self.options else [])]
        node = nodes.container("", *self.parse_content_to_nodes(), classes=classes)
        if "id" in self.options:
            node["ids"].append(nodes.make_id(self.options["id"]))
        self.set_source_info(node)
        return [node]


class Fold(SphinxPostTransform):
    """Wrap folded content in a `fold` node."""

    default_priority = 910  # after references have become text
    formats = ("html",)

    def run(self):
        for node in list(self.document.findall(nodes.Element)):
            classes = set(node.get("classes", ())) & CLASSES
            block = not isinstance(node, nodes.Inline)
            if classes and (isinstance(node, nodes.Admonition) or (block and classes - BOXES)):
                node["classes"] = [name for name in node["classes"] if name not in CLASSES]
                parent, position = node.parent, node.parent.index(node)
                parent[position] = fold("", node, shown="toggle-shown" in classes)


def setup(app):
    app.add_node(fold, html=(visit, depart))
    app.add_post_transform(Fold)
    app.connect("config-inited", add_directive)


def add_directive(app, config):
    if not is_directive_registered("toggle"):  # sphinx-togglebutton may have added it
        app.add_directive("toggle", Toggle)


def visit(self, node):
    node["start"] = len(self.body)


def depart(self, node):
    """Turn the HTML of the node into `details`; the title of a box becomes its summary."""
    html = "".join(self.body[node["start"] :]).strip()
    opened = " open" if node["shown"] else ""
    box = BOX.match(html)
    if box:
        classes, attributes, anchors, title = box.groups()
        title = re.sub(r"</?a\b[^>]*>", "", title)  # no link inside a button
        start = f'<details class="fold {classes}"{attributes}{opened}><summary{title}</summary>'
        html = f"{start}{anchors}{html[box.end() :].removesuffix('</div>')}</details>\n"
    else:
        if isinstance(node[0], nodes.Admonition):
            logger.warning("folds.py does not recognize the HTML of this box", location=node[0])
        show = _("Click to show")
        summary = f"<summary>{escape(show)}</summary>"
        html = f'<details class="fold"{opened}>{summary}{html}</details>\n'
    self.body[node["start"] :] = [html]
