"""Formulas are written as MathML, which browsers draw themselves.

Sphinx leaves them to MathJax: a script of its own, fetched from another host, that runs on every
page before a formula can be read. docutils can translate TeX to MathML while the book is built, but
Sphinx does not offer that. So no script is needed, formulas are there at once and offline, and
screen readers know them.
"""

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def visit_inline(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(tex2mathml(node.astext()) + "</span>")
    raise nodes.SkipNode


def visit_block(self, node):
    # It scrolls where there is no room for it, which the arrow keys can do if it has the focus.
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight", tabindex=0))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(tex2mathml(node.astext(), as_block=True) + "</div>\n")
    raise nodes.SkipNode
