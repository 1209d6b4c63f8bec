"""Fixtures shared by all tests. Models and checkpoints are made once per session: do not change them."""

from importlib.util import find_spec

import pytest

pytest_plugins = ["tests.browser_fixture"]


@pytest.fixture(scope="session")
def pages_precision():
    """The precision in which the page loads a model on this processor, by name; none without PyTorch."""
    if find_spec("torch") is None:
        return None
    import torch

    from mova.checkpoint import devices

    return devices.default_precision(torch.device("cpu"))


@pytest.fixture(scope="session", autouse=True)
def float32_unless_asked(pages_precision):
    """Without a precision models are in float32 on every processor, whatever it is fast in."""
    if pages_precision is None:
        yield
        return
    import torch

    from mova.checkpoint import devices

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "abilities", lambda device: devices.Abilities(torch.bfloat16, False))
        yield


@pytest.fixture(scope="session")
def tiny_config():
    """A `MovaConfig` of a few hundred thousand weights with all eight encoders."""
    from tests.tiny_model import build_config

    return build_config()


@pytest.fixture(scope="session")
def tiny_tokenizer():
    """The tiny model's own tokenizer."""
    from tests.tiny_model import build_tokenizer

    return build_tokenizer()


@pytest.fixture(scope="session", params=["toy", "embedded"])
def lesson_tokenizer(request):
    """What drawn pictures are written with: the tiny model's tokenizer, and the embedded checkpoint's own."""
    from transformers import AutoTokenizer

    from mova.checkpoint.loading import embedded_checkpoint
    from tests.tiny_model import build_tokenizer
    from training.layout import KINDS

    if request.param == "toy":
        tokenizer = build_tokenizer()
        tokenizer.add_tokens(list(KINDS.values()))  # one token each, as the layout needs them
        return tokenizer
    if not (embedded_checkpoint() / "tokenizer.json").exists():
        pytest.skip("the embedded checkpoint is not here")
    return AutoTokenizer.from_pretrained(embedded_checkpoint())


@pytest.fixture(scope="session")
def layout():
    """Where labels stand in the embedded checkpoint's own tokens."""
    from transformers import AutoTokenizer

    from mova.checkpoint.loading import embedded_checkpoint
    from training.layout import TokenLayout

    return TokenLayout(AutoTokenizer.from_pretrained(embedded_checkpoint()))


@pytest.fixture(scope="session")
def pieces():
    """What natural text is written with: pieces of the embedded checkpoint's tokens."""
    from transformers import AutoTokenizer

    from mova.checkpoint.loading import embedded_checkpoint
    from training.pieces import Pieces

    if not (embedded_checkpoint() / "tokenizer.json").exists():
        pytest.skip("the embedded checkpoint is not here")
    return Pieces(AutoTokenizer.from_pretrained(embedded_checkpoint()))


@pytest.fixture(scope="session")
def embeddings(layout):
    """A random table of the embedded LLM's shape, for training that needs one and not its words."""
    import torch

    return torch.randn(len(layout.tokenizer), 576, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="session")
def tiny_model(tiny_config):
    """A random float32 `MovaForCausalLM` of `tiny_config` in evaluation mode."""
    from tests.tiny_model import build_model

    return build_model(tiny_config)


@pytest.fixture(scope="session")
def tiny_checkpoint(tiny_model, tmp_path_factory):
    """A folder with `tiny_model`, its tokenizer and BERT vocabulary, under our own names."""
    from tests.tiny_model import save_checkpoint

    return save_checkpoint(tiny_model, tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def released_checkpoint(tiny_model, tmp_path_factory):
    """The same weights the way the authors released theirs: published names, sharded `.bin` files."""
    from tests.tiny_model import save_released

    return save_released(tiny_model, tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="session")
def tiny_loaded(tiny_checkpoint):
    """`tiny_checkpoint` loaded the real way, in float32 on the CPU."""
    from mova.checkpoint.loading import load

    return load(tiny_checkpoint, precision="fp32", device="cpu")


@pytest.fixture
def engine(tiny_loaded):
    """A fresh engine whose random model never happens on an end token."""
    from mova.engine import Engine
    from tests.asking import prepare

    return prepare(Engine(tiny_loaded), ends=frozenset())


@pytest.fixture
def replies(monkeypatch, tiny_loaded):
    """Texts the router will reply with, in this order: append to it before asking."""
    waiting, spoken = [], []

    def scripted(logits):
        if not spoken:
            spoken.extend(tiny_loaded.tokenizer(waiting.pop(0)).input_ids)
            spoken.append(tiny_loaded.tokenizer.eos_token_id)
        return spoken.pop(0)

    monkeypatch.setattr("mova.stages.greedy", scripted)
    return waiting
