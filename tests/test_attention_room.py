"""Attention at full size: the published result, and never a whole matrix of scores or biases in memory."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import SamVisionConfig
from transformers.models.sam.modeling_sam import SamVisionAttention, SamVisionSdpaAttention

from mova.config import CodetrSection, SamSection, VarySection
from mova.vision import relative_attention, vit
from mova.vision.experts import codetr
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
    with torch.device("meta"), torch.inference_mode():
        grid = torch.empty(1, SAM_SIDE, SAM_SIDE, sizes.hidden_size)
        with Largest() as bounded:
            RelativeAttention(config, 0)(grid)
        with Largest() as whole:
            SamVisionSdpaAttention(config, 0)(grid)
    assert bounded.bytes < 100e6 < 700e6 < whole.bytes


def test_queries_in_parts_are_all_queries(monkeypatch):
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 36, 32).unbind(0)
    rotary = rotary_tables(6, 8)
    expected = vit.attend(query, key, value, 4, rotary)
    for together in (1, 7, 36):
        monkeypatch.setattr(vit, "MOST_SCORES", together * 2 * 4 * 36)
        assert torch.allclose(vit.attend(query, key, value, 4, rotary), expected, atol=1e-6)


def test_a_global_block_of_co_detr_at_full_size_holds_no_matrix_of_scores():
    sizes = CodetrSection()
    side = sizes.image_size // sizes.patch_size
    whole = sizes.num_attention_heads * side**4 * 4
    with torch.device("meta"), torch.inference_mode(), Largest() as bounded:
        codetr.Block(sizes, window=0)(torch.empty(1, side, side, sizes.hidden_size))
    assert bounded.bytes <= 4 * vit.MOST_SCORES < whole / 9
