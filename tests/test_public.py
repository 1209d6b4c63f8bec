"""What a program may import, and that it gets no more than it asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import mova

ROOT = Path(__file__).parent.parent
TINY = ROOT / "assets" / "mova-tiny"
# Stands in for a library that is not installed: importing it fails.
ABSENT = "import sys\nfor name in {names}: sys.modules[name] = None\n"


def run(code: str, *arguments: str) -> str:
    """Standard output of a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.mark.slow
def test_everything_public_imports_without_gradio_and_matplotlib():
    code = (
        ABSENT.format(names=["gradio", "matplotlib"])
        + "from mova import *\nprint(Engine, load, MovaProcessor)"
    )
    assert "mova.engine.Engine" in run(code)


@pytest.mark.slow
def test_the_page_imports_without_torch_and_the_models_libraries():
    names = ["torch", "transformers", "peft", "bitsandbytes", "accelerate", "safetensors"]
    code = ABSENT.format(names=names) + "import demo.ui, demo.endpoint\nprint('built')"
    assert run(code) == "built"


def test_importing_the_package_loads_no_model_library():
    asked = "print('torch' in sys.modules, 'transformers' in sys.modules)"
    loaded = run(f"import mova, mova.trace, mova.images, sys\n{asked}")
    assert loaded == "False False"


def test_public_names_are_what_they_say():
    assert mova.MovaForCausalLM.__name__ == "MovaForCausalLM" and set(mova.__all__) >= {"Engine", "load"}
    with pytest.raises(AttributeError, match="it has Engine"):
        _ = mova.Enginee


FIRST = {
    "mova first": "import mova",
    "transformers first": "from transformers import AutoModelForCausalLM, AutoProcessor\nimport mova",
    "in the middle of the library's imports": "import mova\nfrom transformers import LlamaForCausalLM",
    "by another library": "import mova\nimport peft",
    "by our own modules": "import mova.checkpoint.loading",
}


@pytest.mark.slow
@pytest.mark.parametrize("order", FIRST)
def test_the_auto_classes_know_the_model_in_whatever_order_things_are_imported(order, tmp_path):
    config = (TINY / "config.json").read_text().replace('"model_type": "mova"', '"model_type": "mova_llama"')
    (tmp_path / "config.json").write_text(config)
    code = (
        FIRST[order]
        + """
import sys, torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoProcessor
config = AutoConfig.from_pretrained(sys.argv[1])
released = AutoConfig.from_pretrained(sys.argv[2])
with torch.device("meta"):
    model = AutoModelForCausalLM.from_config(config)
processor = AutoProcessor.from_pretrained(sys.argv[1])
print(*(type(one).__name__ for one in (config, released, model, processor)))
"""
    )
    expected = "MovaConfig MovaConfig MovaForCausalLM MovaProcessor"
    assert run(code, str(TINY), str(tmp_path)) == expected
