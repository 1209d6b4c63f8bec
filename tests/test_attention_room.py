"""Attention at full size: the published result, and never a whole matrix of scores or biases in memory."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import SamVisionConfig
from transformers.models.sam.modeling_sam import SamVisionAttention, SamVisionSdpaAttention

from mova import attention
from mova.checkpoint import devices
from mova.config import CodetrSection, MovaConfig, SamSection, VarySection
from mova.language.decoder import build_decoders
from mova.vision import relative_attention, vit
from mova.vision.experts import codetr
from mova.vision.experts.clip import Clip
from mova.vision.experts.deplot import Deplot
from mova.vision.experts.dinov2 import Dinov2
from mova.vision.experts.pix2struct import Pix2Struct
from mova.vision.relative_attention import RelativeAttention
from mova.vision.rotary import rotary_tables

SAM_SIDE = 64


class Largest(TorchDispatchMode):
    """Bytes of the largest tensor that any operation inside made."""

    bytes = 0

    def __torch_dispatch__(self, function, types, given=(), named=None):
        made = function(*given, **(named or {}))
        sizes = [tensor.nbytes for tensor in tree_leaves(made) if isinstance(tensor, torch.Tensor)]
        self.bytes = max(self.bytes, *sizes, 0)
        return made


@pytest.fixture
def plain_kernel(monkeypatch):
    """A device without a fused kernel."""
    monkeypatch.setattr(devices, "fuses_attention", lambda *given: False)


def sam_config(sizes, side, window):
    return SamVisionConfig(
        hidden_size=sizes.hidden_size, num_attention_heads=sizes.num_attention_heads, num_hidden_layers=1,
        image_size=16 * side, patch_size=16, window_size=window,
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rows_at_once", [1, 3, 8])
def test_rows_at_a_time_are_all_at_once(monkeypatch, rows_at_once, dtype):
    torch.manual_seed(0)
    config = sam_config(SamSection(hidden_size=64, num_attention_heads=4), 8, 0)
    bounded, eager = RelativeAttention(config, 0).to(dtype), SamVisionAttention(config, 0).to(dtype)
    for weight in bounded.parameters():
        torch.nn.init.normal_(weight, std=0.2)
    eager.load_state_dict(bounded.state_dict())
    grid = torch.randn(2, 8, 8, 64, dtype=dtype)
    monkeypatch.setattr(relative_attention, "MOST_BIASES", rows_at_once * 2 * 4 * 8 * 64)
    with torch.inference_mode():
        found, expected = bounded(grid)[0], eager(grid)[0]
    assert (found - expected).norm() < {torch.float32: 1e-5, torch.bfloat16: 3e-2}[dtype] * expected.norm()


@pytest.mark.parametrize("sizes", [SamSection(), VarySection()], ids=["SAM", "Vary"])
def test_a_global_block_at_full_size_holds_no_matrix_of_biases(sizes):
    config = sam_config(sizes, SAM_SIDE, 0)
    with torch.device("meta"), torch.no_grad():
        grid = torch.empty(1, SAM_SIDE, SAM_SIDE, sizes.hidden_size)
        with Largest() as bounded:
            RelativeAttention(config, 0)(grid)
        with Largest() as whole:
            SamVisionSdpaAttention(config, 0)(grid)
    assert bounded.bytes < 100e6 < 700e6 < whole.bytes


def test_queries_in_parts_are_all_queries(monkeypatch, plain_kernel):
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 36, 32).unbind(0)
    rotary = rotary_tables(6, 8)
    expected = vit.attend(query, key, value, 4, rotary)
    for together in (1, 7, 36):
        monkeypatch.setattr(attention, "MOST_SCORES", together * 2 * 4 * 36)
        assert torch.allclose(vit.attend(query, key, value, 4, rotary), expected, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1, 1, 36), (2, 1, 36, 36), (1, 4, 36, 36)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bool])
def test_parts_see_their_own_rows_of_a_mask(monkeypatch, plain_kernel, shape, dtype):
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, 36, 8).unbind(0)
    mask = torch.randn(shape) if dtype is torch.float32 else torch.rand(shape) > 0.3
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, mask, scale=0.7)
    monkeypatch.setattr(attention, "MOST_SCORES", 7 * 2 * 4 * 36)
    assert torch.allclose(attention.attend_in_parts(query, key, value, mask, 0.7), expected, atol=1e-6)


def test_a_fused_kernel_gets_all_queries_at_once(monkeypatch):
    """Also where there is one for whole rows of keys only: what is asked for is what is asked about."""
    monkeypatch.setattr(attention, "MOST_SCORES", 1)
    query = torch.randn(1, 2, 36, 8)
    assert devices.fuses_attention(query, query, query)
    assert attention.queries_at_once(query, query, query) == 36
    assert not devices.fuses_attention(*[query.to("meta")] * 3)
    assert attention.queries_at_once(*[query.to("meta")] * 3) == 1


def test_every_encoder_in_parts_is_the_encoder(monkeypatch, plain_kernel, tiny_config):
    """With so few queries at a time that every attention is cut."""
    from tests.tiny_checkpoints import features
    from tests.tiny_model import build_model

    with torch.inference_mode():
        expected = features(build_model(tiny_config), tiny_config)
        monkeypatch.setattr(attention, "MOST_SCORES", 100)
        found = features(build_model(tiny_config), tiny_config)
    for letter, seen in expected.items():
        assert torch.allclose(found[letter], seen, atol=1e-4), letter


def test_a_prompt_in_parts_is_the_prompt(monkeypatch, plain_kernel, tiny_model):
    from mova.language import decoder

    ids, lean = [7 * n % 300 for n in range(40)], build_decoders(tiny_model)[None]
    expected = lean.prefill(tiny_model.embed(ids), lean.cache(40))
    monkeypatch.setattr(attention, "MOST_SCORES", 7 * 4 * 40)
    monkeypatch.setattr(decoder, "CPU_ROWS", 40)
    monkeypatch.setattr(decoder.Decoder, "device", torch.device("meta"))
    monkeypatch.setattr(decoder, "_causal", lambda n, end, device: torch.ones(n, end).bool().tril(end - n))
    cache = decoder.empty_key_values(2, 2, 16, 40, torch.float32, torch.device("cpu"))
    assert torch.allclose(lean.prefill(tiny_model.embed(ids), cache), expected, atol=1e-5)


def test_a_global_block_of_co_detr_at_full_size_holds_no_matrix_of_scores():
    sizes = CodetrSection()
    side = sizes.image_size // sizes.patch_size
    whole = sizes.num_attention_heads * side**4 * 4
    with torch.device("meta"), torch.no_grad(), Largest() as bounded:
        codetr.Block(sizes, window=0)(torch.empty(1, side, side, sizes.hidden_size))
    assert bounded.bytes < 100e6 < whole / 9


# Encoder -> its tokens at full size.
TOKENS = {Clip: 1 + 48**2, Dinov2: 1 + 37**2, Pix2Struct: 45**2, Deplot: 45**2}


@pytest.mark.parametrize("encoder", TOKENS)
def test_a_block_of_the_librarys_at_full_size_holds_no_matrix_of_scores(encoder, monkeypatch):
    def largest():
        with Largest() as seen:
            layers[0](tokens, attention_mask=None) if encoder is not Dinov2 else layers[0](tokens)
        return seen.bytes

    with torch.device("meta"), torch.no_grad():
        stack = encoder(MovaConfig()).model.encoder
        layers = stack.layers if encoder is Clip else stack.layer
        tokens = torch.empty(1, TOKENS[encoder], stack.config.hidden_size)
        bounded = largest()
        monkeypatch.setattr(devices, "fuses_attention", lambda *given: True)
        assert bounded < 100e6 < largest()


@pytest.mark.parametrize("scores", [1, 2**6, 2**21])
@pytest.mark.parametrize("kind", ["none", "bool", "added", "one row"])
def test_whole_products_in_sixteen_bits_are_the_fused_kernel(monkeypatch, scores, kind):
    monkeypatch.setattr(attention, "PRODUCT_SCORES", scores)
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 3, n, 16, dtype=torch.bfloat16) for n in (7, 9, 9))
    visible = torch.ones(7, 9, dtype=torch.bool).tril(2)
    mask = {
        "none": None, "bool": visible, "added": torch.randn(2, 3, 7, 9, dtype=torch.bfloat16),
        "one row": torch.zeros(1, 1, 1, 9, dtype=torch.bfloat16).index_fill(3, torch.tensor([4]), -1e9),
    }[kind]  # fmt: skip
    exact = [part.float() for part in (query, key, value)]
    given = mask if mask is None or mask.dtype is torch.bool else mask.float()
    expected = torch.nn.functional.scaled_dot_product_attention(*exact, attn_mask=given, scale=0.2)
    found = attention.attend_in_parts(query, key, value, mask, scale=0.2)
    assert found.dtype is torch.bfloat16
    assert (found.float() - expected).norm() < 1e-2 * expected.norm()
