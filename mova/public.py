"""What `import mova` offers, each imported when it is first used: the page takes plain data out of this
package and never loads the model's libraries.

transformers' Auto classes know the model from here on, whether they are loaded before or after `import mova`.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from wrapt import register_post_import_hook

if TYPE_CHECKING:  # what the names below are, for editors and type checkers
    from mova.checkpoint.loading import load
    from mova.config import MovaConfig
    from mova.engine import Engine
    from mova.images import read_image
    from mova.model import MovaForCausalLM
    from mova.processor import MovaProcessor
    from mova.trace import Trace

PUBLIC = {
    "Engine": "mova.engine",
    "MovaConfig": "mova.config",
    "MovaForCausalLM": "mova.model",
    "MovaProcessor": "mova.processor",
    "Trace": "mova.trace",
    "load": "mova.checkpoint.loading",
    "read_image": "mova.images",
}
__all__ = ["Engine", "MovaConfig", "MovaForCausalLM", "MovaProcessor", "Trace", "load", "read_image"]


MODEL_TYPES = ("mova", "mova_llama")  # ours, and the released file's name for it
CONFIG = "MovaConfig"
# Module of transformers' Auto classes, its names and its table, and what we put there.
AUTO = (
    ("configuration_auto", "CONFIG_MAPPING_NAMES", "CONFIG_MAPPING", CONFIG),
    ("modeling_auto", "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES", "MODEL_FOR_CAUSAL_LM_MAPPING", "MovaForCausalLM"),
    ("processing_auto", "PROCESSOR_MAPPING_NAMES", "PROCESSOR_MAPPING", "MovaProcessor"),
)


def __getattr__(name: str) -> Any:
    if name not in PUBLIC:
        raise AttributeError(f"module 'mova' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(PUBLIC[name]), name)


def _tell(names: str, mapping: str, ours: str) -> Callable[[ModuleType], None]:
    """Puts our class into one of the Auto classes' tables, by name: it is imported when somebody asks for it.

    The tables' own `register` wants the class itself, which cannot be imported here: this runs in the middle
    of the library's imports.
    """

    def tell(auto: ModuleType) -> None:
        table = getattr(auto, mapping)
        for model_type in MODEL_TYPES:
            getattr(auto, names)[model_type] = ours
            table._modules[model_type] = sys.modules["mova"]  # where the library looks for the name
        if ours != CONFIG:
            table._reverse_config_mapping[CONFIG] = MODEL_TYPES[0]

    return tell


for _module, _names, _mapping, _ours in AUTO:
    register_post_import_hook(_tell(_names, _mapping, _ours), f"transformers.models.auto.{_module}")
