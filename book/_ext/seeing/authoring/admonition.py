"""Turns an admonition of the class `quiz` or `exercise` into the directive of that name.

JupyterLab shows unknown directives in a red box, but renders an admonition as an admonition.
"""

from docutils.parsers.rst import directives
from docutils.parsers.rst.directives.admonitions import Admonition
from sphinx.util.docutils import SphinxDirective

from seeing.authoring.exercise import Exercise
from seeing.authoring.quiz import Quiz

OURS = ["exercise", "quiz"]


def setup(app):
    app.add_directive("admonition", Box, override=True)


class Box(SphinxDirective, Admonition):
    option_spec = Admonition.option_spec | Quiz.option_spec | Exercise.option_spec

    def run(self):
        kinds = [kind for kind in OURS if kind in self.options.get("class", [])]
        if not kinds:
            if others := self.options.keys() - Admonition.option_spec:
                raise self.error(f"only a quiz or an exercise has :{min(others)}:")
            return super().run()
        memo, position = self.state.memo, (self.lineno, self.content_offset, self.block_text)
        directive, _ = directives.directive(kinds[0], memo.language, memo.document)
        parser = (self.state, self.state_machine)
        return directive(
            kinds[0], self.arguments, self.options, self.content, *position, *parser
        ).run()
