"""A warning says where: each node knows the file and the line it comes from.

MyST-NB gives a line to a cell, but to none of its outputs, and docutils none to what stands in a
line of text. Here they have that of what they are in. What a cell prints to stderr, and a cell that
fails, are warnings with what was said; all other cells, and all other pages, go on.
"""

import re

from docutils import nodes
from myst_nb.core.render import NbElementRenderer, strip_ansi

TAG = "write, at the head of the cell and between two lines ---, tags: [{}]"
LINE = re.compile(r"Cell In\[\d+\], line (\d+)")

render_stderr, render_error = NbElementRenderer.render_stderr, NbElementRenderer.render_error


def setup(app):
    NbElementRenderer.render_stderr = warn_of_stderr
    NbElementRenderer.render_error = warn_of_error
    app.connect("doctree-read", give_lines, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def give_lines(app, doctree):
    for node in doctree.findall(nodes.Element):
        parent = node.parent
        if not node.line and parent is not None and node.source in (None, parent.source):
            node.source, node.line = parent.source, parent.line


def warn_of_stderr(self, output, metadata, index, line):
    wanted = self.renderer.get_cell_level_config("output_stderr", metadata, line=line)
    if wanted == "warn" and "remove-stderr" not in metadata.get("tags", []):
        said = strip_ansi(output["text"]).strip()
        self.logger.warning(
            f"stderr was found in the outputs of this cell: “{said[:500]}” → fix what it warns of; "
            f"or, if the readers need not see it, {TAG.format('remove-stderr')}",
            subtype="stderr",
            line=line,
        )
        metadata = {**metadata, "mystnb": {**metadata.get("mystnb", {}), "output_stderr": "show"}}
    return render_stderr(self, output, metadata, index, line)


def warn_of_error(self, output, metadata, index, line):
    if "raises-exception" not in metadata.get("tags", []):
        [*_, at] = ["", *LINE.findall(strip_ansi("\n".join(output["traceback"])))]
        where = f", in its line {at}" if at else ""
        self.logger.warning(
            f"this cell fails{where}: {output['ename']}: {output['evalue']} → fix it; or, if it "
            f"is meant to fail, {TAG.format('raises-exception')}",
            subtype="exec",
            line=line,
        )
    return render_error(self, output, metadata, index, line)
