"""The names, argument names, values and defaults of the Neuromatch tutorial.

All of them can be imported from `convtools` itself. Elsewhere the package uses PyTorch's and the
field's words: ``K`` is a ``kernel_size``, ``sf`` a spatial frequency, ``act`` a response.

References
----------
Neuromatch Academy, Computational Neuroscience, W1D5 Tutorial 2 (CC BY 4.0).
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
