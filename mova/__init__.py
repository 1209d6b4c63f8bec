"""MoVA: a mixture of vision experts that an LLM routes and a gate weighs (arXiv 2404.13046).

`from mova import MovaForCausalLM, MovaProcessor, MovaConfig, Engine, load, read_image`
"""

from mova.public import __all__ as __all__
from mova.public import __getattr__ as __getattr__
