"""Warnings have a location: each node records its source file and line.

MyST-NB sets the line of a cell but not of its outputs, and docutils not that of inline nodes. Here
they get the line of the node that contains them. Output to stderr, and a cell that fails, are
warnings with the message; all other cells and pages are still built.
"""

import re

from docutils import nodes
from myst_nb.core.render import NbElementRenderer, strip_ansi
from sphinx.util import logging

TAG = "write, at the head of the cell and between two lines ---, tags: [{}]"
TAG_OF_NOTEBOOK = "give the cell the tag {}"
LINE = re.compile(r"Cell In\[\d+\], line (\d+)")
KERNEL = re.compile(r"\S*ipykernel_\d+\S*?\.py:(\d+):")  # the file of a cell, random in each run

logger = logging.getLogger(__name__)
warned = set()  # the page that is being read, if there was a warning of a failing cell
render_stderr, render_error = NbElementRenderer.render_stderr, NbElementRenderer.render_error


def setup(app):
    NbElementRenderer.render_stderr = warn_of_stderr
    NbElementRenderer.render_error = warn_of_error
    NbElementRenderer.render_unhandled = warn_of_type
    app.connect("doctree-read", give_lines, priority=100)
    app.connect("doctree-read", warn_of_hidden)


def give_lines(app, doctree):
    for cell in filter(is_cell, doctree.findall(nodes.container)):
        cell.line = first_line(cell.line) if cell.line else None
        for node in cell.findall(nodes.Element):
            node.source, node.line = cell.source, cell.line
    for text in doctree.findall(nodes.TextElement):
        if text.line and not isinstance(text, nodes.Inline):
            give_lines_within(text)
    for node in doctree.findall(nodes.Element):
        parent = node.parent
        if not node.line and parent is not None and node.source in (None, parent.source):
            node.source, node.line = parent.source, parent.line


def give_lines_within(text):
    """Set the lines of inline nodes, to which MyST gives the first line of their paragraph."""
    line = text.line
    reports = text.findall(nodes.system_message)
    reported = {id(part) for report in reports for part in report.findall()}
    for node in text.findall():
        if isinstance(node, nodes.Text):
            line += node.count("\n") * (id(node) not in reported)
        elif node is not text:
            node.source, node.line = text.source, line


def is_cell(node):
    return node.get("nb_element") == "cell_code"


def first_line(line):
    """Return the first line of a cell's code, for which MyST-NB gives the next line."""
    return line - 1


def warn_of_stderr(self, output, metadata, index, line):
    wanted = self.renderer.get_cell_level_config("output_stderr", metadata, line=line)
    if wanted == "warn" and "remove-stderr" not in metadata.get("tags", []):
        text = KERNEL.sub(r"line \1:", strip_ansi(output["text"])).strip()
        self.logger.warning(
            f"stderr was found in the outputs of this cell: “{text[:500]}” → fix the cause, or, if "
            f"readers need not see it, {tag(self, 'remove-stderr')}",
            subtype="stderr",
            line=first_line(line),
        )
        metadata = {**metadata, "mystnb": {**metadata.get("mystnb", {}), "output_stderr": "show"}}
    return render_stderr(self, output, metadata, index, line)


def tag(renderer, name):
    """Return how to add a tag to the current cell."""
    source = renderer.renderer.document["source"]
    return (TAG_OF_NOTEBOOK if source.endswith(".ipynb") else TAG).format(name)


def warn_of_error(self, output, metadata, index, line):
    warned.add(self.renderer.document.settings.env.docname)
    meant = self.config.execution_allow_errors or "raises-exception" in metadata.get("tags", [])
    if not meant:
        [*_, at] = ["", *LINE.findall(strip_ansi("\n".join(output["traceback"])))]
        where = f", in its line {at}" if at else ""
        self.logger.warning(
            f"this cell fails{where}: {output['ename']}: {output['evalue']} → fix it; or, if it "
            f"is meant to fail, {tag(self, 'raises-exception')}",
            subtype="exec",
            line=first_line(line),
        )
    return render_error(self, output, metadata, index, line)


def warn_of_hidden(app, doctree):
    """Warn of a failing cell whose output is hidden."""
    name = app.env.docname
    ended = getattr(app.env, "nb_metadata", {}).get(name, {}).get("exec_data") or {}
    if ended.get("error") == "CellExecutionError" and name not in warned:
        [*_, why] = strip_ansi(ended["traceback"]).strip().splitlines()
        logger.warning(
            f"a cell of this page fails, and its output is not shown: {why} → fix it; to see "
            "where, remove the tags remove-cell and remove-output",
            location=name,
        )
    warned.discard(name)


def warn_of_type(self, data):
    """Warn of an output of a MIME type that a page cannot show."""
    self.logger.warning(
        f"unknown output mime type: {data.mime_type}",
        subtype="unknown_mime_type",
        line=first_line(data.line),
    )
    return []
