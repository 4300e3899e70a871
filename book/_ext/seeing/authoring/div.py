"""Turns a `div` into the directive named by its class.

    :::{div}                    becomes             :::{feedback}
    :class: feedback                                :name: W1D5_T2_2D_Convolutions_Video
    :name: W1D5_T2_2D_Convolutions_Video            :::
    :::

JupyterLab shows unknown directives in a red box, but renders the content of a `div`. A `div` of any
other class is that of sphinx-design: a part of the page with classes of its own.
"""

from difflib import get_close_matches

from docutils.parsers.rst import directives
from docutils.parsers.rst.directives import unchanged_required
from sphinx.util.docutils import SphinxDirective
from sphinx_design.extension import Div as PlainDiv

OURS = ["explorable", "feedback", "functions"]


def setup(app):
    app.add_directive("div", Div, override=True)


class Div(SphinxDirective):
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = PlainDiv.option_spec | {"class": unchanged_required}
    has_content = True

    def run(self):
        kind = self.options.pop("class", "")
        if kind in OURS:
            memo = self.state.memo
            directive, _ = directives.directive(kind, memo.language, memo.document)
            return run_as(directive, kind, [], self)
        meant = get_close_matches(kind, OURS, 1, 0.9)
        if meant or not self.content:
            raise self.error(
                f"a div must have content, or one of the classes {', '.join(OURS)}, got {kind!r}"
                + (f": did you mean {meant[0]}?" if meant else "")
            )
        classes = [" ".join([*self.arguments, kind]).strip()]
        return run_as(PlainDiv, "div", classes, self)


def run_as(directive, name, arguments, written):
    """Return the nodes of a directive that gets the options and the content of another one."""
    position = (written.lineno, written.content_offset, written.block_text)
    parser = (written.state, written.state_machine)
    return directive(name, arguments, written.options, written.content, *position, *parser).run()
