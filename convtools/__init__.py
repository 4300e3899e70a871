"""2D convolution, convolutional layers and model cells of the visual system.

What is imported from here is loaded when it is used: PyTorch, which takes seconds, only with what
needs it.
"""

import lazy_loader as lazy

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
