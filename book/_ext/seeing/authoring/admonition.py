"""Turns an admonition of the class `quiz` or `exercise` into the directive of that name.

JupyterLab shows unknown directives in a red box, but renders an admonition as an admonition.
"""

from docutils.parsers.rst.directives.admonitions import Admonition
from sphinx.util.docutils import SphinxDirective

from seeing.authoring.div import run_as
from seeing.authoring.exercise import Exercise
from seeing.authoring.quiz import Quiz

OURS = {"exercise": Exercise, "quiz": Quiz}


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
        return run_as(OURS[kinds[0]], kinds[0], self.arguments, self)
