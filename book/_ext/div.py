"""A directive by the name of its class, for what JupyterLab has no directive of its own.

    :::{div}                    is, in the book,    :::{feedback}
    :class: feedback                                :name: W1D5_T2_2D_Convolutions_Video
    :name: W1D5_T2_2D_Convolutions_Video            :::
    :::

JupyterLab shows a directive that it does not know in a red box. It knows `div`, which docutils does
not have, and shows what is in it.
"""

from docutils.parsers.rst import directives
from docutils.parsers.rst.directives import unchanged_required
from sphinx.util.docutils import SphinxDirective


def setup(app):
    app.add_directive("div", Div)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Div(SphinxDirective):
    option_spec = {"class": unchanged_required, "name": unchanged_required}  # noqa: RUF012
    has_content = True

    def run(self):
        kind = self.options.pop("class", "")
        memo = self.state.memo
        directive, _ = directives.directive(kind, memo.language, memo.document)
        if not directive or directive.required_arguments:
            raise self.error(
                f"the class of a div must be a directive without arguments, got {kind!r}"
            )
        place = (self.lineno, self.content_offset, self.block_text)
        parser = (self.state, self.state_machine)
        return directive(kind, [], self.options, self.content, *place, *parser).run()
