"""Checkers of the book's exercises, by chapter: each says whether a solution is right, or why not.

A checker compares shapes before values and knows the common mistakes. It accepts every right
solution, gives none away, and whatever a solution does, its author gets a message.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
